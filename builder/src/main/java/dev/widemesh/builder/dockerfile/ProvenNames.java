package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.dockerfile.PullNotes.Note;
import dev.widemesh.builder.lifecycle.Engine;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The names that builds asked for, each with the images that rightly came under it. A name is
/// noted before its pull, so that it proves nothing if nobody could judge what came.
final class ProvenNames {
  private static final Duration KEPT = Duration.ofDays(7);

  private final LocalImages local;
  private final PullNotes notes;
  private final InstantSource clock;
  private final List<String> asked = new ArrayList<>();

  ProvenNames(Engine engine, PullNotes notes, InstantSource clock) {
    this.local = new LocalImages(engine);
    this.notes = notes;
    this.clock = clock;
  }

  /// To be called before the pull; [#end] follows, whatever happens.
  synchronized Inventory begin(String name) throws IOException {
    var known = notes.of(name);
    var here = local.id(name);
    if (known.isPresent()
        && here.filter(id -> !known.get().ids().contains(id)).isPresent()
        && !asked.contains(name)) {
      var _ = local.isRemoved(name); // a pull that ended before it was judged
    }
    asked.add(name);
    var before = inventory();
    var note = known.orElseGet(() -> first(name, here, before));
    notes.write(note.usedAt(clock.instant()));
    return before;
  }

  /// What the name led to before any build asked for it stays its own.
  private static Note first(String name, Optional<String> here, Inventory before) {
    var fresh = Note.fresh(name);
    return here.filter(id -> before.proven(id).contains(Repository.of(name)))
        .map(fresh::with)
        .orElse(fresh);
  }

  synchronized void accept(String name, String id) throws IOException {
    notes.write(notes.of(name).orElseGet(() -> Note.fresh(name)).with(id));
  }

  /// Where it stays, it proves nothing.
  synchronized void refuse(String name) {
    var _ = local.isRemoved(name);
  }

  synchronized void end(String name) {
    asked.remove(name);
  }

  /// The images first: each name that a build gives is noted by then.
  synchronized Inventory inventory() throws IOException {
    var images = local.all();
    return Inventory.of(images, notes.all());
  }

  /// Forgets what is no longer in the engine.
  synchronized void sweep() throws IOException {
    var images = inventory();
    var oldest = clock.instant().minus(KEPT);
    for (var note : images.notes()) {
      if (note.used().isBefore(oldest)
          && note.ids().stream().noneMatch(images::has)
          && local.id(note.name()).isEmpty()) {
        notes.drop(note.name());
      }
    }
  }
}
