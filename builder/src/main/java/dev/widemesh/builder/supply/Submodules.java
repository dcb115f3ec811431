package dev.widemesh.builder.supply;

import dev.widemesh.builder.Sources.Limits;
import dev.widemesh.builder.Sources.Submodule;
import dev.widemesh.builder.Sources.Written;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.TreeCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Puts the repositories that a commit names into the empty folders that stand for them, those that
/// these name as well. All of them are fetched at exactly the commits that were recorded.
public final class Submodules {
  private static final int MOST = 50;
  private static final int DEEPEST = 5;
  private static final int SHOWN = 5;

  private final Supply.Deliveries deliveries;
  private final Limits limits;
  private final Consumer<String> output;

  /// `limits` are those of all of them together; `output` hears what was fetched, and what was left
  /// out.
  public Submodules(Supply.Deliveries deliveries, Limits limits, Consumer<String> output) {
    this.deliveries = deliveries;
    this.limits = limits;
    this.output = output;
  }

  /// `folder` is what the commit was written into.
  public void place(Written written, Path folder)
      throws IOException, InterruptedException, BuildRefused {
    var _ =
        place(
            written, new Parent(folder, "", Optional.empty(), 0, Room.of(limits)), Extent.NOTHING);
  }

  /// A tree that has submodules, `depth` below the app; there is `room` for it with all of them.
  private record Parent(
      Path folder, String above, Optional<SubmoduleAddress> address, int depth, Room room) {
    Parent below(Submodule submodule, SubmoduleAddress address, Path tree, Room room) {
      var inside = above + submodule.path() + "/";
      return new Parent(tree, inside, Optional.of(address), depth + 1, room);
    }
  }

  /// Answers what the parent holds then, of which `own` was there before.
  private Extent place(Written written, Parent parent, Extent own)
      throws IOException, InterruptedException, BuildRefused {
    tellLeftOut(written.leftOut(), parent.above());
    var whole = own;
    for (var submodule : written.submodules()) {
      try {
        whole = place(submodule, parent, whole);
      } catch (BuildRefused e) {
        throw BuildRefused.because(
            "the submodule %s: %s".formatted(submodule.path(), e.getMessage()),
            e.diagnosis().nextStep());
      }
    }
    return whole;
  }

  private void tellLeftOut(List<String> paths, String above) {
    if (!paths.isEmpty()) {
      var shown = paths.stream().limit(SHOWN).map(above::concat).collect(Collectors.joining(", "));
      var more = paths.size() > SHOWN ? " and %,d more".formatted(paths.size() - SHOWN) : "";
      output.accept("Left out, as .gitmodules says (update = none): " + shown + more);
    }
  }

  private Extent place(Submodule submodule, Parent parent, Extent before)
      throws IOException, InterruptedException, BuildRefused {
    requireRoom(parent, before.with(Extent.NOTHING));
    var address = SubmoduleAddress.of(submodule, parent.address());
    var room = parent.room().beside(before);
    var delivery =
        deliveries.get(
            address,
            submodule.commit(),
            room,
            (nested, tree) ->
                place(nested, parent.below(submodule, address, tree, room), Extent.of(tree)));
    var whole = before.with(delivery.whole());
    requireRoom(parent, whole);
    if (delivery.fresh()) {
      output.accept(
          "Fetched the submodule %s (%s at %.7s)"
              .formatted(parent.above() + submodule.path(), address.shown(), submodule.commit()));
    }
    copy(delivery.tree(), parent.folder().resolve(submodule.path()));
    deliveries.giveBack(delivery);
    return whole;
  }

  /// The folder was made when the tree was written, and nothing can have come there since.
  private void copy(Path tree, Path to) throws IOException, BuildRefused {
    Files.delete(to);
    if (!TreeCopy.copy(tree, to, deliveries::goesOn)) {
      throw deliveries.ended();
    }
  }

  /// Before it is copied, and the same for what was fetched just now and long ago.
  private static void requireRoom(Parent parent, Extent whole) throws BuildRefused {
    if (parent.depth() + whole.levels() > DEEPEST) {
      throw BuildRefused.because(
          "submodules are nested deeper than %d".formatted(DEEPEST),
          "commit its files instead of the submodule");
    }
    if (whole.submodules() > MOST) {
      throw BuildRefused.because(
          "the app has more than %d submodules".formatted(MOST),
          "commit the files of some of them instead");
    }
    parent.room().require(whole);
  }
}
