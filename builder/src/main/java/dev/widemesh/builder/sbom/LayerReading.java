package dev.widemesh.builder.sbom;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.widemesh.builder.image.Unpacked;
import dev.widemesh.builder.sbom.BuildpackBill.Format;
import dev.widemesh.builder.supply.HashedInput;
import dev.widemesh.builder.supply.TarInput;
import dev.widemesh.builder.supply.TarInput.Item;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Reads a layer as it lies in the registry: a tar of somebody else's, packed or not.
final class LayerReading {
  /// A layer, from its beginning each time.
  interface Packed {
    InputStream open() throws IOException;
  }

  private static final List<Evidence> ALL =
      Stream.<Evidence>concat(
              Stream.of(
                  new DebianPackages(),
                  new AlpinePackages(),
                  new Release(),
                  new NodeVersion(),
                  new NodePackage(),
                  new NodeLock(),
                  new PythonPackage(),
                  new RubyGem(),
                  new PhpPackages(),
                  new JavaArchive()),
              Stream.of(Format.values()).map(BuildpackBill::new))
          .toList();
  private static final long UNPACKED = 20L << 30;
  private static final int MOST_ITEMS = 3_000_000;
  private static final int MOST_FOUND = 50_000;
  private static final int MOST_NOTES = 20_000;
  private static final int LONGEST_PATH = 4096;
  private static final int LONGEST_REASON = 200;
  private static final long PROGRAM = 1L << 30;
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  private final Budget budget;
  private final Map<String, List<Component>> found = new HashMap<>();
  private final Set<String> removed = new HashSet<>();
  private final Set<String> emptied = new HashSet<>();
  private final Map<String, String> unread = new HashMap<>();

  /// Hard links that could say something, by the path of the file that they are.
  private final Map<String, List<String>> links = new HashMap<>();

  private int items;
  private int components;

  /// So many characters may still be held.
  private long room = LayerContents.MOST;

  private LayerReading(Budget budget) {
    this.budget = budget;
  }

  /// `digest` is of the layer as it is packed: what is not that is no answer. `deadline` as of
  /// [System#nanoTime].
  static LayerContents of(Packed layer, String digest, long deadline) throws IOException {
    var reading = new LayerReading(new Budget(UNPACKED, deadline));
    reading.pass(layer, digest, false);
    reading.links.keySet().removeIf(reading::isRead);
    if (!reading.links.isEmpty()) {
      reading.pass(layer, digest, true);
    }
    return new LayerContents(reading.found, reading.removed, reading.emptied, reading.unread);
  }

  /// A link to a file that was read itself says nothing more; it only has to hide what is below.
  private boolean isRead(String target) {
    return found.containsKey(target);
  }

  private void pass(Packed layer, String digest, boolean isSecond) throws IOException {
    try (var whole = layer.open()) {
      var hashed = new HashedInput(whole);
      try (var tar = Unpacked.of(hashed)) {
        read(new TarInput(budget.guard(tar)), isSecond);
      } catch (Budget.Late e) {
        throw e;
      } catch (IOException e) {
        note("", words(e));
      }
      if (!hashed.rest().equals(digest)) {
        throw new UnreadableImage("the registry has something else for the layer " + digest);
      }
    }
  }

  private void read(TarInput tar, boolean isSecond) throws IOException {
    for (var item = tar.next(); item.isPresent(); item = tar.next()) {
      if (++items > MOST_ITEMS) {
        throw new IOException("only its first %,d files were read".formatted(MOST_ITEMS));
      }
      var path = path(item.get().name());
      if (path.isPresent()) {
        if (isSecond) {
          readLinked(tar, item.get(), path.get());
        } else {
          read(tar, item.get(), path.get());
        }
      }
    }
  }

  /// Below the root, without `.`; none where it leads out, or is the root.
  private static Optional<String> path(String name) {
    if (name.length() > LONGEST_PATH) {
      return Optional.empty();
    }
    var parts = new ArrayDeque<String>();
    for (var part : name.split("/", -1)) {
      if (part.equals("..")) {
        return Optional.empty();
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return parts.isEmpty() ? Optional.empty() : Optional.of(String.join("/", parts));
  }

  private void read(TarInput tar, Item item, String path) throws IOException {
    var name = Evidence.name(path);
    if (name.startsWith(WHITEOUT)) {
      whiteOut(Evidence.folder(path), name);
      return;
    }
    var evidence = evidence(path);
    if (evidence.isPresent() && item.type() != '5') {
      requireRoom();
      take(LayerContents.weight(path));
      found.put(path, List.of());
      if (item.isFile()) {
        read(tar, item, path, evidence.get());
      } else if (item.type() == '1') {
        var target = path(item.link());
        if (target.isPresent()) {
          take(LayerContents.weight(target.get()));
          links.computeIfAbsent(target.get(), _ -> new ArrayList<>()).add(path);
        }
      }
    } else if (item.isFile() && item.executable() && item.size() <= PROGRAM) {
      program(tar, item, path);
    }
  }

  private void readLinked(TarInput tar, Item item, String path) throws IOException {
    var names = links.getOrDefault(path, List.of());
    if (!names.isEmpty() && item.isFile()) {
      var first = names.getFirst();
      var evidence = evidence(first);
      if (evidence.isPresent()) {
        read(tar, item, first, evidence.get());
      }
    }
  }

  private void whiteOut(String folder, String name) throws IOException {
    if (removed.size() + emptied.size() >= MOST_NOTES) {
      throw new IOException("it removes more than %,d files".formatted(MOST_NOTES));
    }
    take(LayerContents.weight(folder) + name.length());
    if (name.equals(OPAQUE)) {
      emptied.add(folder);
    } else if (name.length() > WHITEOUT.length()) {
      var gone = name.substring(WHITEOUT.length());
      removed.add(folder.isEmpty() ? gone : folder + "/" + gone);
    }
  }

  private static Optional<Evidence> evidence(String path) {
    return ALL.stream().filter(each -> each.isAt(path)).findFirst();
  }

  private void read(TarInput tar, Item item, String path, Evidence evidence) throws IOException {
    if (item.size() > evidence.most()) {
      note(path, "it is larger than %,d bytes".formatted(evidence.most()));
      return;
    }
    var said = new Said();
    try {
      evidence.read(path, tar.content(item), budget, said);
    } catch (Budget.Late | Budget.Spent e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      said.failed(e);
    } finally {
      found.put(path, said.components());
    }
    said.lacking().ifPresent(words -> note(path, words));
  }

  private void program(TarInput tar, Item item, String path) throws IOException {
    var said = new Said();
    try {
      GoProgram.read(tar.content(item), said);
    } catch (Budget.Late | Budget.Spent e) {
      throw e;
    } catch (IOException e) {
      said.failed(e);
    }
    said.lacking().ifPresent(words -> note(path, words));
    if (!said.components().isEmpty()) {
      take(LayerContents.weight(path));
      found.put(path, said.components());
    }
  }

  /// What one file says.
  private final class Said implements Consumer<Claim> {
    private final List<Component> all = new ArrayList<>();
    private final List<String> lacking = new ArrayList<>();
    private int unfit;

    @Override
    public void accept(Claim claim) {
      switch (claim) {
        case Component component -> add(all, component);
        case Claim.Unfit _ -> unfit++;
        case Claim.None _ -> {}
      }
    }

    void failed(Exception why) {
      lacking.add(words(why));
    }

    List<Component> components() {
      return List.copyOf(all);
    }

    /// In words.
    Optional<String> lacking() {
      if (unfit > 0) {
        lacking.add(
            "packages whose name, group or version is none, or longer than %d characters: %,d"
                .formatted(Component.LONGEST, unfit));
      }
      return lacking.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", lacking));
    }
  }

  private void add(List<Component> all, Component component) {
    if (components >= MOST_FOUND) {
      unread.put("", "only the first %,d packages were read".formatted(MOST_FOUND));
    } else if (component.weight() > room) {
      room = 0;
      unread.put("", full());
    } else {
      components++;
      room -= component.weight();
      all.add(component);
    }
  }

  private void take(long characters) throws IOException {
    if (characters > room) {
      room = 0;
      throw new IOException(full());
    }
    room -= characters;
  }

  private static String full() {
    return "only the first %,d characters of what it says were kept".formatted(LayerContents.MOST);
  }

  private void requireRoom() throws IOException {
    if (found.size() >= MOST_FOUND) {
      throw new IOException("only its first %,d lists of packages were read".formatted(MOST_FOUND));
    }
  }

  /// What is to be said of the layer itself has its place always.
  private void note(String path, String words) {
    var weight = LayerContents.weight(path) + LayerContents.weight(words);
    if (path.isEmpty()) {
      unread.put("", words);
    } else if (unread.size() < MOST_NOTES && weight <= room) {
      room -= weight;
      unread.put(path, words);
    } else {
      unread.putIfAbsent("", "there are more files that cannot be read");
    }
  }

  /// The first line is enough: parsers quote what they cannot read. Of the platform's own files
  /// nothing.
  private static String words(Exception why) {
    if (why instanceof JsonProcessingException) {
      return "it is not the JSON that it should be";
    }
    var said = why instanceof FileSystemException ? null : why.getMessage();
    var line = said == null ? "" : said.lines().findFirst().orElse("");
    return line.isBlank()
        ? "it cannot be read"
        : line.substring(0, Math.min(line.length(), LONGEST_REASON));
  }
}
