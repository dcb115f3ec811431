package dev.widemesh.allinone;

import dev.widemesh.allinone.backup.BackupWriter;
import dev.widemesh.builder.registry.ImageCopies;
import dev.widemesh.controller.DatabaseCopy;
import dev.widemesh.controller.DatabaseExport;
import dev.widemesh.git.RepositoryCopies;
import dev.widemesh.model.Sealer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What goes into a backup, held still while the platform goes on: the database as it is at one
/// moment, and repositories and images of just after that moment, as links.
///
/// They fit each other when all that the rows name is there. Where something is not, it was
/// collected or deleted in between: then another moment is tried.
final class BackupStage implements AutoCloseable {
  private static final int ATTEMPTS = 5;

  private static final String DATABASE = "database";
  private static final String GIT = "git";
  private static final String REGISTRY = "registry";

  /// Where the other parts lie.
  private static final List<String> FOLDERS =
      List.of("database/", "git/repositories/", "registry/blobs/", "registry/repositories/");

  /// Everything else that a platform cannot make again, and that nobody may read, or alter.
  static final List<String> SECRETS =
      List.of(
          "control/ca/ca.key",
          "control/ca/ca.pem",
          "control/builder/signed-with",
          "control/git/ssh_host_ed25519_key",
          "control/git/ssh_host_ed25519_key.pub",
          "secrets/admin",
          "secrets/" + Secrets.SIGNING);

  /// Where a sealed part goes, and by that name is known.
  static final String SEALED = "sealed/";

  private final DataFolder data;
  private final Path root;
  private final Held held;

  /// What was found at that moment.
  record Held(
      DatabaseCopy database, int environments, int stacks, int images, List<String> lacking) {
    Held {
      lacking = List.copyOf(lacking);
    }
  }

  private BackupStage(DataFolder data, Path root, Held held) {
    this.data = data;
    this.root = root;
    this.held = held;
  }

  /// On the file system of what is linked.
  static Path folder(DataFolder data) {
    return data.control().resolve("backup.draft");
  }

  static BackupStage hold(DataFolder data, String databaseUrl) throws IOException, SQLException {
    var root = folder(data);
    try {
      RepositoryCopies.prepare(root);
      var held = Optional.<Held>empty();
      for (var attempt = 1; held.isEmpty(); attempt++) {
        PostgresBinaries.deleteTree(root);
        held = attempt(data, databaseUrl, attempt == ATTEMPTS);
      }
      return new BackupStage(data, root, held.get());
    } catch (IOException | SQLException | RuntimeException e) {
      PostgresBinaries.deleteTree(root);
      throw e;
    }
  }

  /// Empty where something is not there, unless it is the last one.
  private static Optional<Held> attempt(DataFolder data, String databaseUrl, boolean last)
      throws IOException, SQLException {
    var root = folder(data);
    var control = data.control();
    try (var database = DatabaseExport.open(databaseUrl)) {
      var commits = database.commits();
      var images = database.images();
      var lacking = new ArrayList<String>();
      lacking.addAll(RepositoryCopies.make(control.resolve(GIT), commits, root.resolve(GIT)));
      lacking.addAll(ImageCopies.make(control.resolve(REGISTRY), images, root.resolve(REGISTRY)));
      if (!lacking.isEmpty() && !last) {
        return Optional.empty();
      }
      var tables = Files.createDirectories(root.resolve(DATABASE));
      return Optional.of(
          new Held(
              database.write(tables),
              database.environments(),
              commits.size(),
              images.size(),
              lacking));
    }
  }

  Held held() {
    return held;
  }

  /// Whether a backup can have a part of that name.
  static boolean isPart(String name) {
    return name.startsWith(SEALED)
        ? SECRETS.contains(name.substring(SEALED.length()))
        : FOLDERS.stream().anyMatch(name::startsWith);
  }

  /// Every part, the small and needed ones first.
  void write(BackupWriter writer, Sealer sealer, Progress progress) throws IOException {
    for (var name : SECRETS) {
      var file = data.root().resolve(name);
      if (Files.exists(file)) {
        writer.addSealed(SEALED + name, Files.readAllBytes(file), sealer);
      }
    }
    var files = files();
    var total = 0L;
    for (var file : files) {
      total += Files.size(file);
    }
    var done = 0L;
    for (var file : files) {
      writer.add(root.relativize(file).toString(), file);
      done += Files.size(file);
      progress.show(done, total);
    }
  }

  private List<Path> files() throws IOException {
    var files = new ArrayList<Path>();
    for (var name : FOLDERS) {
      var folder = root.resolve(name);
      if (Files.isDirectory(folder)) {
        try (var found = Files.walk(folder)) {
          files.addAll(found.filter(Files::isRegularFile).sorted().toList());
        }
      }
    }
    return files;
  }

  @Override
  public void close() throws IOException {
    PostgresBinaries.deleteTree(root);
  }
}
