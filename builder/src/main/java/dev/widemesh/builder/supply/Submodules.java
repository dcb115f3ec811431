package dev.widemesh.builder.supply;

import dev.widemesh.builder.Sources.Limits;
import dev.widemesh.builder.Sources.Submodule;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.TreeCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Puts the repositories that a commit names into the empty folders that stand for them, those that
/// these name as well. All of them are fetched at exactly the commits that were recorded.
public final class Submodules {
  private static final int MOST = 50;
  private static final int DEEPEST = 5;

  private final Supply.Deliveries deliveries;
  private final Limits limits;
  private final Consumer<String> output;
  private int count;
  private long bytes;
  private int files;

  /// `limits` are those of all of them together; `output` hears what was fetched.
  public Submodules(Supply.Deliveries deliveries, Limits limits, Consumer<String> output) {
    this.deliveries = deliveries;
    this.limits = limits;
    this.output = output;
  }

  /// `folder` is what the commit was written into.
  public void place(List<Submodule> submodules, Path folder)
      throws IOException, InterruptedException, BuildRefused {
    place(submodules, folder, "", Optional.empty(), 1);
  }

  private void place(
      List<Submodule> submodules,
      Path folder,
      String above,
      Optional<SubmoduleAddress> parent,
      int depth)
      throws IOException, InterruptedException, BuildRefused {
    for (var submodule : submodules) {
      try {
        place(submodule, folder, above, parent, depth);
      } catch (BuildRefused e) {
        throw BuildRefused.because(
            "the submodule %s: %s".formatted(submodule.path(), e.getMessage()),
            e.diagnosis().nextStep());
      }
    }
  }

  private void place(
      Submodule submodule, Path folder, String above, Optional<SubmoduleAddress> parent, int depth)
      throws IOException, InterruptedException, BuildRefused {
    count(depth);
    var address = SubmoduleAddress.of(submodule, parent);
    var inside = above + submodule.path() + "/";
    var delivery =
        deliveries.get(
            address,
            submodule.commit(),
            (nested, tree) -> place(nested, tree, inside, Optional.of(address), depth + 1));
    if (delivery.fresh()) {
      output.accept(
          "Fetched the submodule %s (%s at %.7s)"
              .formatted(above + submodule.path(), address.shown(), submodule.commit()));
    }
    if (depth == 1) {
      count(delivery.tree());
    }
    copy(delivery.tree(), folder.resolve(submodule.path()));
  }

  /// The folder was made when the tree was written, and nothing can have come there since.
  private static void copy(Path tree, Path to) throws IOException {
    Files.delete(to);
    TreeCopy.copy(tree, to);
  }

  private void count(int depth) throws BuildRefused {
    if (depth > DEEPEST) {
      throw BuildRefused.because(
          "submodules are nested deeper than %d".formatted(DEEPEST),
          "commit its files instead of the submodule");
    }
    if (++count > MOST) {
      throw BuildRefused.because(
          "the app has more than %d submodules".formatted(MOST),
          "commit the files of some of them instead");
    }
  }

  /// Those of the innermost are among those of the outermost.
  private void count(Path tree) throws IOException, BuildRefused {
    try (var all = Files.walk(tree)) {
      for (var file : (Iterable<Path>) all::iterator) {
        files++;
        bytes += Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.size(file) : 0;
      }
    }
    if (files > limits.files() || bytes > limits.bytes()) {
      throw BuildRefused.because(
          "the submodules have more than %,d MB or %,d files together"
              .formatted(limits.bytes() / 1_000_000, limits.files()),
          Cargo.SUBMODULE.saving());
    }
  }
}
