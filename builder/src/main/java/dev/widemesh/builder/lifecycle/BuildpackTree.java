package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.lifecycle.Buildpack.Origin;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The buildpacks that lie in one tree: the one at its top, if it has one, and those in its
/// folders, as in a buildpackage or beside a composite.
record BuildpackTree(String reference, Optional<Buildpack> top, List<Buildpack> all, long bytes) {
  private static final Logger log = LoggerFactory.getLogger(BuildpackTree.class);
  private static final String TOML = "buildpack.toml";
  private static final int DEEPEST = 5;
  private static final int MOST = 300;
  private static final long MB = 1_000_000;
  private static final long MOST_BYTES = 4 * MB;

  BuildpackTree {
    all = List.copyOf(all);
  }

  /// `inside` is where the tree lies in a build.
  static BuildpackTree read(Path tree, String inside, Origin origin)
      throws IOException, BuildRefused {
    var guard = new Contained(tree);
    var top =
        guard.isFile(tree.resolve(TOML))
            ? Optional.of(Buildpack.read(tree, inside, origin))
            : Optional.<Buildpack>empty();
    var all = new ArrayList<Buildpack>();
    var folders = folders(tree);
    var bytes = 0L;
    for (var folder : folders) {
      bytes += Files.size(folder.resolve(TOML));
      requireFew(bytes);
    }
    for (var folder : folders) {
      if (!folder.equals(tree)) {
        below(tree, folder, inside, origin).ifPresent(all::add);
      }
    }
    top.ifPresent(all::add);
    return new BuildpackTree(origin.reference(), top, all, bytes);
  }

  /// What they say of themselves, which is held in memory: of one tree, or of all in a build.
  static void requireFew(long bytes) throws BuildRefused {
    if (bytes > MOST_BYTES) {
      throw BuildRefused.because(
          "the files %s of the buildpacks have more than %d MB".formatted(TOML, MOST_BYTES / MB),
          "take fewer of them");
    }
  }

  /// One that cannot be read may be a template or a test's; whoever names it will miss it.
  private static Optional<Buildpack> below(Path tree, Path folder, String inside, Origin origin)
      throws IOException {
    var place = inside + "/" + tree.relativize(folder);
    try {
      return Optional.of(Buildpack.read(folder, place, origin));
    } catch (BuildRefused e) {
      log.debug("{} of {} is passed over: {}", place, origin.reference(), e.getMessage());
      return Optional.empty();
    }
  }

  private static List<Path> folders(Path tree) throws IOException, BuildRefused {
    var guard = new Contained(tree);
    var found = new ArrayList<Path>();
    Files.walkFileTree(
        tree,
        EnumSet.noneOf(java.nio.file.FileVisitOption.class),
        DEEPEST,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (file.endsWith(TOML) && guard.isFile(file)) {
              found.add(file.resolveSibling(""));
            }
            return found.size() > MOST ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
          }
        });
    if (found.size() > MOST) {
      throw BuildRefused.because(
          "there are more than %d buildpacks in one place".formatted(MOST), "take a smaller one");
    }
    found.sort(null);
    return found;
  }

  /// The one that is meant: `wanted` (`id@version`), or the one at the top, or the only one.
  Buildpack main(String wanted) throws BuildRefused {
    if (!wanted.isEmpty()) {
      return all.stream()
          .filter(each -> wanted.equals(each.id() + "@" + each.version()))
          .findFirst()
          .orElseThrow(() -> none(wanted));
    }
    if (top.isPresent()) {
      return top.get();
    }
    if (all.size() != 1) {
      throw none(TOML);
    }
    return all.getFirst();
  }

  private BuildRefused none(String what) {
    return BuildRefused.because(
        "%s has no %s that is a buildpack's of API 0.7 to 0.12".formatted(reference, what),
        "correct it, or name another one: mesh stack buildpacks ls");
  }
}
