package dev.widemesh.git;

import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/// All repositories, one per stack, found by the stack's id and never by a client's words.
final class Repositories {
  private static final Pattern STACK_ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final String SUFFIX = ".git";

  private final Path repositories;
  private final Path quarantine;
  // What one stack that was used since the start has; they are small and are kept.
  private final ConcurrentHashMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, LfsRoom> rooms = new ConcurrentHashMap<>();

  private final Set<String> inUse = ConcurrentHashMap.newKeySet();

  private Repositories(Path repositories, Path quarantine) {
    this.repositories = repositories;
    this.quarantine = quarantine;
  }

  static Repositories open(Path data) throws IOException {
    var repositories = Files.createDirectories(data.resolve("repositories").toAbsolutePath());
    var quarantine = data.resolve("quarantine").toAbsolutePath();
    var opened = new Repositories(repositories, quarantine);
    Leftovers.sweep(repositories, quarantine);
    opened.requireOneFileSystem();
    return opened;
  }

  /// Accepted packs are linked over, which only works on one file system.
  private void requireOneFileSystem() throws IOException {
    var probe = Files.createFile(quarantine.resolve("probe"));
    var link = repositories.resolve("probe");
    Files.deleteIfExists(link);
    try {
      Files.createLink(link, probe);
    } catch (IOException | UnsupportedOperationException e) {
      throw new IOException(
          "%s and %s must be on one file system that has hard links"
              .formatted(repositories, quarantine),
          e);
    } finally {
      Files.deleteIfExists(link);
      Files.delete(probe);
    }
  }

  /// Empty when nothing was ever pushed there.
  Optional<StackRepository> find(String stackId) {
    var folder = folder(stackId);
    return Files.isDirectory(folder)
        ? Optional.of(new StackRepository(folder, lock(stackId), room(stackId)))
        : Optional.empty();
  }

  /// The repository of a stack that exists, made when it is missing.
  StackRepository require(String stackId, String branch) throws IOException {
    var lock = lock(stackId);
    lock.lock();
    try {
      var folder = folder(stackId);
      if (!Files.isDirectory(folder)) {
        create(folder, branch);
      }
      return new StackRepository(folder, lock, room(stackId));
    } finally {
      lock.unlock();
    }
  }

  private void create(Path folder, String branch) throws IOException {
    var draft = quarantine.resolve("new-" + UUID.randomUUID());
    BareRepository.create(draft, branch);
    Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
    Disk.sync(repositories);
  }

  /// The ids of the stacks that have a repository.
  List<String> stacks() throws IOException {
    return Disk.list(repositories).stream()
        .map(folder -> folder.getFileName().toString())
        .filter(name -> name.endsWith(SUFFIX))
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
        .toList();
  }

  /// Moved away first, so that a crash leaves no half repository.
  void remove(String stackId) throws IOException {
    var lock = lock(stackId);
    lock.lock();
    try {
      var away = quarantine.resolve("removed-" + UUID.randomUUID());
      Files.move(folder(stackId), away, StandardCopyOption.ATOMIC_MOVE);
      room(stackId).forget();
      Failpoint.REPOSITORY_ASIDE.pass();
      Disk.deleteTree(away);
    } finally {
      lock.unlock();
    }
  }

  Quarantine quarantine(StackRepository target) throws IOException {
    var name = UUID.randomUUID().toString();
    inUse.add(name);
    try {
      return Quarantine.create(quarantine.resolve(name), target, () -> inUse.remove(name));
    } catch (IOException | RuntimeException e) {
      inUse.remove(name);
      throw e;
    }
  }

  /// A place for a file that is to become part of a repository: what still lies there at the end
  /// goes.
  record Draft(Path path, Runnable closed) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      try {
        Files.deleteIfExists(path);
      } finally {
        closed.run();
      }
    }
  }

  Draft draft() {
    var name = UUID.randomUUID().toString();
    inUse.add(name);
    return new Draft(quarantine.resolve(name), () -> inUse.remove(name));
  }

  /// What lies in the quarantine though no push uses it.
  List<String> strays() throws IOException {
    return Disk.list(quarantine).stream()
        .map(folder -> folder.getFileName().toString())
        .filter(name -> !inUse.contains(name))
        .toList();
  }

  private ReentrantLock lock(String stackId) {
    return locks.computeIfAbsent(stackId, _ -> new ReentrantLock());
  }

  private LfsRoom room(String stackId) {
    var files = LfsStore.folder(folder(stackId));
    return rooms.computeIfAbsent(stackId, _ -> new LfsRoom(files, LfsRoom.Bounds.USUAL));
  }

  private Path folder(String stackId) {
    return repositories.resolve(folderName(stackId));
  }

  static String folderName(String stackId) {
    if (!STACK_ID.matcher(stackId).matches()) {
      throw new IllegalArgumentException("not the id of a stack: '" + stackId + "'");
    }
    return stackId + SUFFIX;
  }
}
