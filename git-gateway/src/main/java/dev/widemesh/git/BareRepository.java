package dev.widemesh.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;

/// How repositories are made and opened: bare, durable, and without JGit's own ideas of when to
/// collect garbage.
final class BareRepository {
  private BareRepository() {}

  static void create(Path folder, String branch) throws IOException {
    Files.createDirectories(folder);
    try (var repository = new FileRepository(folder.toFile())) {
      repository.create(true);
      var config = repository.getConfig();
      config.setBoolean("core", null, "fsyncRefFiles", true);
      config.setBoolean("core", null, "logAllRefUpdates", false);
      config.setBoolean("receive", null, "autogc", false);
      config.setInt("gc", null, "auto", 0);
      config.save();
      repository.updateRef("HEAD").link("refs/heads/" + branch);
    }
  }

  static FileRepository open(Path folder) throws IOException {
    var builder = new FileRepositoryBuilder().setGitDir(folder.toFile()).setBare();
    return new FileRepository(builder.setMustExist(true).setup());
  }
}
