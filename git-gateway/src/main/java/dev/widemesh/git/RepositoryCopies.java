package dev.widemesh.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;

/// Copies of repositories as they are just now, while pushes go on. They are made of hard links: no
/// byte is moved, nobody waits, and what is collected or deleted meanwhile stays in the copy.
///
/// When changing this: refs before objects, so that what a ref names is among the objects; loose
/// refs before packed ones, so that none is missed that is just being packed.
public final class RepositoryCopies {
  private static final int ATTEMPTS = 5;
  private static final List<String> FOLDERS =
      List.of("refs/heads", "refs/tags", "objects/pack", "objects/info");
  private static final List<String> PACKED_AND_REST = List.of("packed-refs", "HEAD", "config");

  private final Path from;
  private final Path to;

  private RepositoryCopies(Path from, Path to) {
    this.from = from;
    this.to = to;
  }

  /// To be called before, with a folder on that file system: JGit measures there how its clock
  /// goes.
  public static void prepare(Path scratch) throws IOException {
    IsolatedJGit.prepareNow(scratch);
  }

  /// Those of the stacks, from the gateway's folder into another one on the same file system.
  /// Answers in words which of their commits are not there.
  public static List<String> make(Path data, Map<String, Set<String>> commits, Path into)
      throws IOException {
    var lacking = new ArrayList<String>();
    for (var stack : commits.entrySet()) {
      var name = Repositories.folderName(stack.getKey());
      var from = data.resolve("repositories").resolve(name);
      var to = into.resolve("repositories").resolve(name);
      if (new RepositoryCopies(from, to).copy()) {
        lacking.addAll(lacking(stack.getKey(), to, stack.getValue()));
      } else if (!stack.getValue().isEmpty()) {
        lacking.add("the repository of stack " + stack.getKey());
      }
    }
    return lacking;
  }

  /// Makes the folders that git wants and that a copy of files alone leaves out.
  public static void complete(Path data) throws IOException {
    for (var repository : Disk.list(data.resolve("repositories"))) {
      for (var folder : FOLDERS) {
        Files.createDirectories(repository.resolve(folder));
      }
    }
  }

  /// False where there is none: nothing was ever pushed, or it is deleted just now.
  private boolean copy() throws IOException {
    for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (!Files.isDirectory(from)) {
        return false;
      }
      Disk.deleteTree(to);
      if (isStill()) {
        return true;
      }
    }
    throw new IOException(from + " does not stay as it is for a moment");
  }

  private boolean isStill() throws IOException {
    try {
      return link();
    } catch (NoSuchFileException _) {
      return false;
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return false;
      }
      throw e.getCause();
    }
  }

  /// Whether nothing came or went between its beginning and its end.
  private boolean link() throws IOException {
    Files.createDirectories(to);
    for (var ref : files(from.resolve("refs"))) {
      try {
        link(ref);
      } catch (NoSuchFileException _) {
        // Packed or deleted just now.
      }
    }
    for (var name : PACKED_AND_REST) {
      if (Files.exists(from.resolve(name))) {
        link(from.resolve(name));
      }
    }
    Files.createDirectories(to.resolve("refs"));
    for (var file : lfs()) {
      link(file);
    }
    var objects = objects();
    for (var object : objects) {
      link(object);
    }
    return objects.equals(objects());
  }

  private List<Path> lfs() throws IOException {
    var folder = LfsStore.folder(from);
    return Files.isDirectory(folder) ? files(folder) : List.of();
  }

  private List<Path> objects() throws IOException {
    var leftovers = Set.copyOf(Leftovers.in(from));
    var objects = new ArrayList<>(files(from.resolve("objects")));
    objects.removeAll(leftovers);
    return objects;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).filter(file -> !isLock(file)).sorted().toList();
    }
  }

  private static boolean isLock(Path file) {
    return file.getFileName().toString().endsWith(".lock");
  }

  private void link(Path file) throws IOException {
    var target = to.resolve(from.relativize(file));
    Files.createDirectories(target.getParent());
    Files.createLink(target, file);
  }

  private static List<String> lacking(String stack, Path copy, Set<String> commits)
      throws IOException {
    try (var repository = BareRepository.open(copy)) {
      var lacking = new ArrayList<String>();
      for (var commit : commits) {
        if (!has(repository, ObjectId.fromString(commit))) {
          lacking.add("commit %s of stack %s".formatted(commit, stack));
        }
      }
      for (var ref : repository.getRefDatabase().getRefs()) {
        var id = ref.getObjectId();
        if (id != null && !has(repository, id)) {
          lacking.add("what %s of stack %s names".formatted(ref.getName(), stack));
        }
      }
      return lacking;
    }
  }

  private static boolean has(FileRepository repository, ObjectId id) throws IOException {
    return repository.getObjectDatabase().has(id);
  }
}
