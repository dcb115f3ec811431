package dev.widemesh.builder.supply;

import static java.util.Objects.requireNonNull;

import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.image.TreeDigest;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The trees that were fetched, each under the digest of all that it holds, and notes of which
/// source had which. When they grow too large together, those go that were not used for longest,
/// never one in use.
final class Shelf {
  private static final Logger log = LoggerFactory.getLogger(Shelf.class);
  private static final int MOST_NOTES = 2_000;

  /// `mark` says which version of its source that was: a commit, a tag of the web, a digest. `main`
  /// is the buildpack of it that is meant, nothing where that is plain. `bytes` are those that the
  /// tree takes on a disk, `whole` is what it holds.
  record Note(String source, String mark, String main, String digest, long bytes, Extent whole) {
    /// One that an earlier version wrote without it is unreadable.
    Note {
      requireNonNull(whole);
    }
  }

  private record Place(Path path, long used) {}

  private final Path folder;
  private final long mostBytes;
  private final InstantSource clock;
  private final Map<String, Integer> inUse = new HashMap<>();

  /// The digests of those that were found whole in this life.
  private final Set<String> whole = new HashSet<>();

  private Shelf(Path folder, long mostBytes, InstantSource clock) {
    this.folder = folder;
    this.mostBytes = mostBytes;
    this.clock = clock;
  }

  /// What an earlier life was unpacking goes.
  static Shelf open(Path folder, long mostBytes, InstantSource clock) throws IOException {
    var shelf = new Shelf(folder, mostBytes, clock);
    WorkFolders.delete(shelf.drafts());
    for (var each : List.of(shelf.drafts(), shelf.trees(), shelf.notes())) {
      Files.createDirectories(each);
    }
    return shelf;
  }

  private Path drafts() {
    return folder.resolve("drafts");
  }

  private Path trees() {
    return folder.resolve("trees");
  }

  private Path notes() {
    return folder.resolve("notes");
  }

  /// An empty folder to unpack into.
  Path draft() throws IOException {
    return Files.createDirectory(drafts().resolve(UUID.randomUUID().toString()));
  }

  void drop(Path draft) throws IOException {
    WorkFolders.delete(draft);
  }

  Path tree(Note note) {
    return trees().resolve(hex(note.digest()));
  }

  private static String hex(String digest) {
    return digest.replaceFirst("^sha256:", "");
  }

  private Path note(String source) {
    return notes().resolve(hex(Sha256.of(source)) + ".json");
  }

  /// What that source had last, if that is still here. It stays until [#giveBack].
  synchronized Optional<Note> take(String source) throws IOException {
    var file = note(source);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      var note = Json.read(Files.readString(file), Note.class);
      if (!note.source().equals(source) || !isWhole(note)) {
        return Optional.empty();
      }
      use(note, file);
      return Optional.of(note);
    } catch (IllegalArgumentException e) {
      log.warn("{} is unreadable, fetching again: {}", file, e.toString());
      return Optional.empty();
    }
  }

  /// A machine that lost its power may have kept the names of files without what was in them.
  private boolean isWhole(Note note) throws IOException {
    var tree = tree(note);
    if (!Files.isDirectory(tree)) {
      return false;
    }
    if (whole.contains(note.digest()) || TreeDigest.of(tree).equals(note.digest())) {
      whole.add(note.digest());
      return true;
    }
    log.warn("the tree {} is damaged, fetching again", note.digest());
    remove(tree);
    return false;
  }

  /// It is gone at once: who is killed meanwhile leaves no half of it in its place.
  private void remove(Path tree) throws IOException {
    whole.remove("sha256:" + tree.getFileName());
    var aside = drafts().resolve(UUID.randomUUID().toString());
    Files.move(tree, aside, StandardCopyOption.ATOMIC_MOVE);
    WorkFolders.delete(aside);
  }

  private void use(Note note, Path file) throws IOException {
    inUse.merge(note.digest(), 1, Integer::sum);
    var now = FileTime.from(clock.instant());
    Files.setLastModifiedTime(file, now);
    Files.setLastModifiedTime(tree(note), now);
  }

  synchronized void giveBack(Note note) {
    inUse.computeIfPresent(note.digest(), (_, count) -> count == 1 ? null : count - 1);
  }

  /// Takes the draft over. It stays until [#giveBack].
  Note keep(String source, Source.Arrival arrival, Path draft) throws IOException {
    var tree = TreeDigest.read(draft);
    return keep(
        new Note(
            source, arrival.mark(), arrival.main(), tree.digest(), tree.bytes(), arrival.whole()),
        draft);
  }

  private synchronized Note keep(Note note, Path draft) throws IOException {
    if (!isWhole(note)) {
      Files.move(draft, tree(note), StandardCopyOption.ATOMIC_MOVE);
      whole.add(note.digest());
    }
    write(note(note.source()), Json.write(note));
    use(note, note(note.source()));
    trim();
    return note;
  }

  private static void write(Path file, String text) throws IOException {
    var draft = file.resolveSibling(file.getFileName() + ".draft");
    try (var channel =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void trim() throws IOException {
    var notes = places(notes());
    for (var place : notes.subList(0, Math.max(0, notes.size() - MOST_NOTES))) {
      Files.delete(place.path());
    }
    var sizes = sizes();
    var sum = sizes.values().stream().mapToLong(Long::longValue).sum();
    for (var place : places(trees())) {
      var name = String.valueOf(place.path().getFileName());
      var size = sizes.get(name);
      var isOver = size == null || sum > mostBytes;
      if (isOver && !inUse.containsKey("sha256:" + name)) {
        log.info("dropping the tree {}", name);
        remove(place.path());
        sum -= size == null ? 0 : size;
      }
    }
  }

  /// By the names of the trees, as the notes say; a tree that no note speaks of has none.
  private Map<String, Long> sizes() throws IOException {
    var sizes = new HashMap<String, Long>();
    for (var place : places(notes())) {
      try {
        var note = Json.read(Files.readString(place.path()), Note.class);
        if (Files.isDirectory(tree(note))) {
          sizes.put(hex(note.digest()), note.bytes());
        }
      } catch (IllegalArgumentException e) {
        log.warn("{} is unreadable: {}", place.path(), e.toString());
        Files.delete(place.path());
      }
    }
    return sizes;
  }

  /// The longest unused first.
  private static List<Place> places(Path folder) throws IOException {
    var places = new ArrayList<Place>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (var entry : entries.toList()) {
        places.add(new Place(entry, Files.getLastModifiedTime(entry).toMillis()));
      }
    }
    places.sort(Comparator.comparingLong(Place::used));
    return places;
  }
}
