package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.model.Image;
import dev.widemesh.builder.dockerfile.PullNotes.Note;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The base images that builds pulled: noted before they come, so that none is forgotten, and
/// removed once nothing needs them any more.
///
/// Never touched is what was in the engine before, under a name or only a digest that somebody else
/// gave it.
final class PulledImages {
  private static final Logger log = LoggerFactory.getLogger(PulledImages.class);

  /// An image goes when no build named it for so long; and those that were not named for longest,
  /// while all together are larger.
  record Bounds(Duration unused, long bytes) {
    static final Bounds USUAL = new Bounds(Duration.ofDays(7), 10_000_000_000L);
    static final Bounds NOTHING = new Bounds(Duration.ZERO, 0);
  }

  private final LocalImages images;
  private final PullNotes notes;
  private final Bounds bounds;
  private final InstantSource clock;
  private final Set<Use> open = new HashSet<>();

  PulledImages(Engine engine, PullNotes notes, Bounds bounds, InstantSource clock) {
    this.images = new LocalImages(engine);
    this.notes = notes;
    this.bounds = bounds;
    this.clock = clock;
  }

  /// What one build uses, until it is closed.
  final class Use implements AutoCloseable {
    private final Set<String> names = new HashSet<>();
    private final Set<String> ids = new HashSet<>();
    private final Map<String, Set<String>> before = new HashMap<>();
    private boolean closed;

    /// To be called before the pull.
    void begin(String name) throws IOException {
      PulledImages.this.begin(this, name);
    }

    void arrived(String name, String id) throws IOException {
      PulledImages.this.arrived(this, name, id);
    }

    @Override
    public void close() {
      end(this);
    }
  }

  private synchronized void begin(Use use, String name) throws IOException {
    if (!use.closed) {
      open.add(use);
      use.names.add(name);
    }
    var before = there(images.all());
    var known = notes.of(name);
    if (known.isPresent()) {
      known = left(known.get(), before);
    }
    var here = images.id(name);
    if (known.isPresent() || here.isEmpty()) {
      var note = known.orElseGet(() -> Note.fresh(name));
      // A note without any is of a pull whose end was not seen.
      here.filter(_ -> note.ids().isEmpty()).ifPresent(before::remove);
      use.before.put(name, before);
      notes.write(note.usedAt(clock.instant()));
      Failpoint.BASE_NOTED.pass();
    }
  }

  /// What is still there of it: an image that comes again is whose who brought it.
  private Optional<Note> left(Note note, Set<String> there) throws IOException {
    var left = note.only(there);
    if (left.equals(note)) {
      return Optional.of(note);
    }
    if (left.ids().isEmpty()) {
      notes.drop(note.name());
      return Optional.empty();
    }
    notes.write(left);
    return Optional.of(left);
  }

  private synchronized void arrived(Use use, String name, String id) throws IOException {
    use.ids.add(id);
    var known = notes.of(name);
    if (known.isEmpty()) {
      return;
    }
    var ours =
        !use.before.getOrDefault(name, Set.of()).contains(id)
            || notes.all().stream().anyMatch(note -> note.ids().contains(id));
    if (ours) {
      notes.write(known.get().with(id));
    } else if (known.get().ids().isEmpty()) {
      notes.drop(name);
    }
  }

  private synchronized void end(Use use) {
    open.remove(use);
    use.closed = true;
  }

  private static Set<String> there(List<Image> images) {
    return images.stream().map(Image::getId).collect(Collectors.toCollection(HashSet::new));
  }

  /// Removes what nothing needs just now, however fresh it is.
  void empty() throws IOException {
    while (sweep()) {
      log.debug("looking again for what the removed ones held");
    }
  }

  /// Removes what is over the bounds, the longest unused first. Answers whether any went.
  synchronized boolean sweep() throws IOException {
    var here = images.all();
    var all = new ArrayList<Note>();
    for (var note : notes.all()) {
      (isInUse(note) ? Optional.of(note) : left(note, there(here))).ifPresent(all::add);
    }
    all.sort(Comparator.comparing(Note::used));
    var left = new ArrayList<>(all);
    var needed = needed(here);
    var oldest = clock.instant().minus(bounds.unused());
    for (var note : all) {
      if (!isInUse(note)) {
        var others = left.stream().filter(other -> !other.equals(note)).toList();
        removeOutdated(note, others, needed);
        var goes = note.used().isBefore(oldest) || size(left, here) > bounds.bytes();
        if (goes && note.ids().stream().noneMatch(needed::contains) && isRemoved(note, others)) {
          left.remove(note);
        }
      }
    }
    return left.size() < all.size();
  }

  private boolean isInUse(Note note) {
    return open.stream().anyMatch(use -> use.names.contains(note.name()));
  }

  private static long size(List<Note> notes, List<Image> images) {
    var ids = ids(notes);
    return images.stream()
        .filter(image -> ids.contains(image.getId()))
        .mapToLong(image -> image.getSize() == null ? 0 : image.getSize())
        .sum();
  }

  private static Set<String> ids(List<Note> notes) {
    return notes.stream().flatMap(note -> note.ids().stream()).collect(Collectors.toSet());
  }

  /// What a build was told to take, another image stands on, or a container runs.
  private Set<String> needed(List<Image> all) {
    var needed = images.needed(all);
    open.forEach(use -> needed.addAll(use.ids));
    return needed;
  }

  /// What the name stood for before, where it has no other.
  private void removeOutdated(Note note, List<Note> others, Set<String> needed) {
    var now = images.id(note.name());
    var held = ids(others);
    for (var id : note.ids()) {
      var outdated = now.isPresent() && !now.get().equals(id);
      if (outdated
          && !needed.contains(id)
          && !held.contains(id)
          && images.isNameless(id, note.name())) {
        var _ = images.isRemoved(id);
      }
    }
  }

  /// Takes the name away, and the images that have no other.
  private boolean isRemoved(Note note, List<Note> others) throws IOException {
    // The engine would take the digest away with the last tag.
    if (!note.isByDigest()
        && others.stream().anyMatch(other -> other.isByDigest() && other.shares(note))) {
      return false;
    }
    var gone = !isOurs(note) || images.isRemoved(note.name());
    var held = ids(others);
    for (var id : note.ids()) {
      gone &= held.contains(id) || !images.isNameless(id, note.name()) || images.isRemoved(id);
    }
    if (gone) {
      notes.drop(note.name());
      log.info("base image {} removed: no build has named it since {}", note.name(), note.used());
    }
    return gone;
  }

  /// Whether the name leads to what we pulled, not to what somebody else put there since.
  private boolean isOurs(Note note) {
    var now = images.id(note.name());
    return note.ids().isEmpty() || now.isEmpty() || note.ids().contains(now.get());
  }
}
