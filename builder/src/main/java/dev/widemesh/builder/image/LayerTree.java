package dev.widemesh.builder.image;

import dev.widemesh.builder.image.Entry.Folder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Predicate;

/// A folder of this machine, as it gets into a layer: it is read while the layer is written, one
/// file after the other, so that its size does not matter.
final class LayerTree {
  /// Of those that nobody named.
  static final Folder PARENT = new Folder(0755, Owner.ROOT);

  /// What a build left is nobody's to run as somebody else.
  private static final int PERMISSIONS = 01777;

  private final Path folder;
  private final String target;
  private final Owner owner;
  private final Predicate<String> wanted;

  /// `target` as it stands in the tar. Of the folder comes what is `wanted`, which is asked with
  /// paths relative to it.
  LayerTree(Path folder, String target, Owner owner, Predicate<String> wanted) {
    this.folder = folder;
    this.target = target;
    this.owner = owner;
    this.wanted = wanted;
  }

  String target() {
    return target;
  }

  /// In the order of the names. Of `others` those go before it that are `named`; what stands behind
  /// the tree is left there.
  void write(LayerWriter writer, NavigableMap<String, Entry> others, Map<String, Entry> named)
      throws IOException {
    var merging = new Merging(writer, others, named);
    SortedTree.walk(folder, merging);
  }

  private final class Merging implements SortedTree.Visitor {
    private final LayerWriter writer;
    private final NavigableMap<String, Entry> others;
    private final Map<String, Entry> named;

    /// Folders that are not wanted, and that may hold what is.
    private final List<String> left = new ArrayList<>();

    Merging(LayerWriter writer, NavigableMap<String, Entry> others, Map<String, Entry> named) {
      this.writer = writer;
      this.others = others;
      this.named = named;
    }

    @Override
    public void visit(Path path, String relative) throws IOException {
      var name =
          relative.isEmpty() || target.isEmpty() ? target + relative : target + "/" + relative;
      if (name.isEmpty()) {
        return;
      }
      if (!wanted.test(relative)) {
        leave(path, name);
        return;
      }
      var entry = entry(path);
      if (entry.isPresent()) {
        addParents(name);
        add(name, entry.get());
      }
    }

    private void leave(Path path, String name) {
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        left.add(name);
      }
    }

    private void addParents(String name) throws IOException {
      for (var parent : List.copyOf(left)) {
        if (name.startsWith(parent + "/")) {
          left.remove(parent);
          add(parent, PARENT);
        }
      }
      left.removeIf(parent -> name.compareTo(parent + (char) ('/' + 1)) >= 0);
    }

    private void add(String name, Entry entry) throws IOException {
      while (!others.isEmpty() && others.firstKey().compareTo(name) < 0) {
        var before = others.pollFirstEntry();
        writer.add(before.getKey(), before.getValue());
      }
      var other = others.remove(name);
      writer.add(name, other != null && named.containsKey(name) ? other : entry);
    }
  }

  private Optional<Entry> entry(Path path) throws IOException {
    var facts = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (facts.isSymbolicLink()) {
      return Optional.of(new Entry.Symlink(Files.readSymbolicLink(path).toString(), owner));
    } else if (facts.isDirectory()) {
      return Optional.of(new Folder(mode(path), owner));
    } else if (facts.isRegularFile()) {
      var identity = names(path) == 1 ? "" : String.valueOf(facts.fileKey()); // device and inode
      return Optional.of(new Entry.Stretch(path, 0, facts.size(), identity, mode(path), owner));
    }
    return Optional.empty();
  }

  private static int mode(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & PERMISSIONS;
  }

  private static int names(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
  }
}
