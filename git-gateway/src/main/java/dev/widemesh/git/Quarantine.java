package dev.widemesh.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a push is received: a scratch repository that borrows the real one's objects. Until the
/// push is accepted the real one is not touched, and a refused or killed push leaves nothing.
final class Quarantine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Quarantine.class);
  private static final String CONFIG =
      """
      [core]
      \trepositoryformatversion = 0
      \tbare = true
      [receive]
      \tautogc = false
      """;

  private final Path folder;
  private final StackRepository target;
  private final FileRepository scratch;
  private final Runnable closed;

  private Quarantine(Path folder, StackRepository target, FileRepository scratch, Runnable closed) {
    this.closed = closed;
    this.folder = folder;
    this.target = target;
    this.scratch = scratch;
  }

  static Quarantine create(Path folder, StackRepository target, Runnable closed)
      throws IOException {
    Files.createDirectories(folder.resolve("objects/pack"));
    Files.createDirectories(folder.resolve("refs"));
    Files.writeString(folder.resolve("HEAD"), "ref: refs/heads/none\n");
    Files.writeString(folder.resolve("config"), CONFIG);
    // A link in a folder that is no repository: else JGit would open the real one through its
    // process-wide cache and keep deleted packs open.
    var borrowed = Files.createDirectories(folder.resolve("alt")).resolve("real");
    Files.createSymbolicLink(borrowed, target.objects());
    var builder = new FileRepositoryBuilder().setGitDir(folder.toFile()).setBare();
    builder.setObjectDirectory(folder.resolve("objects").toFile());
    builder.addAlternateObjectDirectory(borrowed.toFile());
    return new Quarantine(folder, target, new FileRepository(builder.setup()), closed);
  }

  Path folder() {
    return folder;
  }

  FileRepository scratch() {
    return scratch;
  }

  /// Lets the history end at those commits of a shallow client whose parents nobody has.
  void allowShallow(Set<ObjectId> clientsBoundary) throws IOException {
    var boundary =
        target.read(
            real -> {
              var known = real.getObjectDatabase();
              var all = new HashSet<>(known.getShallowCommits());
              for (var commit : clientsBoundary) {
                if (!known.has(commit)) {
                  all.add(commit);
                }
              }
              return all;
            });
    scratch.getObjectDatabase().setShallowCommits(boundary);
  }

  /// Brings everything that was received over, lasting. Under the target's lock.
  void accept() throws IOException {
    new Migration(folder.resolve("objects"), target.objects()).run();
    var boundary = scratch.getObjectDatabase().getShallowCommits();
    if (!boundary.isEmpty()) {
      target.read(real -> extendShallow(real, boundary));
    }
  }

  private static Set<ObjectId> extendShallow(FileRepository real, Set<ObjectId> boundary)
      throws IOException {
    var known = real.getObjectDatabase();
    var before = known.getShallowCommits();
    var after = boundary.stream().filter(known::has).collect(Collectors.toSet());
    after.addAll(before);
    if (!after.equals(before)) {
      known.setShallowCommits(after);
    }
    return after;
  }

  @Override
  public void close() {
    scratch.close();
    try {
      Disk.deleteTree(folder);
    } catch (IOException e) {
      log.warn("{} could not be removed; the next start does", folder, e);
    } finally {
      closed.run();
    }
  }
}
