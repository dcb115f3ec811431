package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Image;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The base images that builds pulled: noted before they come, so that none is forgotten, and
/// removed once nothing needs them any more.
///
/// Never touched is what was in the engine before, under a name that somebody else gave it.
final class PulledImages {
  private static final Logger log = LoggerFactory.getLogger(PulledImages.class);

  /// An image goes when no build named it for so long; and those that were not named for longest,
  /// while all together are larger.
  record Bounds(Duration unused, long bytes) {
    static final Bounds USUAL = new Bounds(Duration.ofDays(7), 10_000_000_000L);
  }

  private final Engine engine;
  private final PullNotes notes;
  private final Bounds bounds;
  private final InstantSource clock;
  private final List<String> inUse = new ArrayList<>();

  PulledImages(Engine engine, PullNotes notes, Bounds bounds, InstantSource clock) {
    this.engine = engine;
    this.notes = notes;
    this.bounds = bounds;
    this.clock = clock;
  }

  /// What one build uses, until it is closed.
  final class Use implements AutoCloseable {
    private final Set<String> names = new HashSet<>();
    private boolean closed;

    /// To be called before the pull.
    void begin(String name) throws IOException {
      PulledImages.this.begin(this, name);
    }

    void arrived(String name, String id) throws IOException {
      PulledImages.this.arrived(name, id);
    }

    @Override
    public void close() {
      end(this);
    }
  }

  private synchronized void begin(Use use, String name) throws IOException {
    if (!use.closed && use.names.add(name)) {
      inUse.add(name);
    }
    var known = notes.of(name);
    if (known.isPresent() || image(name).isEmpty()) {
      notes.write(known.orElseGet(() -> PullNotes.Note.fresh(name)).usedAt(clock.instant()));
      Failpoint.BASE_NOTED.pass();
    }
  }

  private synchronized void arrived(String name, String id) throws IOException {
    var known = notes.of(name);
    if (known.isPresent()) {
      notes.write(known.get().with(id));
    }
  }

  private synchronized void end(Use use) {
    use.names.forEach(inUse::remove);
    use.names.clear();
    use.closed = true;
  }

  private Optional<String> image(String name) {
    try {
      return Optional.ofNullable(engine.calls().inspectImageCmd(name).exec().getId());
    } catch (NotFoundException _) {
      return Optional.empty();
    }
  }

  /// Removes what is over the bounds, the longest unused first.
  synchronized void sweep() throws IOException {
    var all = new ArrayList<>(notes.all());
    all.sort(Comparator.comparing(PullNotes.Note::used));
    var images = engine.calls().listImagesCmd().withShowAll(true).exec();
    var needed = needed(images);
    var total = all.stream().mapToLong(note -> size(note, images)).sum();
    var oldest = clock.instant().minus(bounds.unused());
    for (var note : all) {
      removeOutdated(note, needed);
      var goes = note.used().isBefore(oldest) || total > bounds.bytes();
      if (goes && !inUse.contains(note.name()) && note.ids().stream().noneMatch(needed::contains)) {
        total -= size(note, images);
        remove(note);
      }
    }
  }

  private static long size(PullNotes.Note note, List<Image> images) {
    return images.stream()
        .filter(image -> note.ids().contains(image.getId()))
        .mapToLong(image -> image.getSize() == null ? 0 : image.getSize())
        .sum();
  }

  /// What another image stands on, or a container runs.
  private Set<String> needed(List<Image> images) {
    var needed = new HashSet<String>();
    images.forEach(image -> needed.add(String.valueOf(image.getParentId())));
    engine.calls().listContainersCmd().withShowAll(true).exec().stream()
        .map(container -> String.valueOf(container.getImageId()))
        .forEach(needed::add);
    return needed;
  }

  /// What the name stood for before, where it has no other.
  private void removeOutdated(PullNotes.Note note, Set<String> needed) {
    var now = image(note.name());
    for (var id : note.ids()) {
      if (now.isPresent() && !now.get().equals(id) && !needed.contains(id) && isNameless(id)) {
        var _ = isRemoved(id);
      }
    }
  }

  private boolean isNameless(String id) {
    try {
      var names = engine.calls().inspectImageCmd(id).exec().getRepoTags();
      return names == null || names.isEmpty();
    } catch (NotFoundException _) {
      return false;
    }
  }

  private void remove(PullNotes.Note note) throws IOException {
    var gone = isRemoved(note.name());
    for (var id : note.ids()) {
      gone &= !isNameless(id) || isRemoved(id);
    }
    if (gone) {
      notes.drop(note.name());
      log.info("base image {} removed: no build has named it since {}", note.name(), note.used());
    }
  }

  private boolean isRemoved(String name) {
    try {
      engine.calls().removeImageCmd(name).exec();
      return true;
    } catch (NotFoundException _) {
      return true;
    } catch (ConflictException e) {
      log.debug("base image {} stays: {}", name, e.getMessage());
      return false;
    }
  }
}
