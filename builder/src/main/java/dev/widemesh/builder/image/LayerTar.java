package dev.widemesh.builder.image;

import dev.widemesh.builder.image.Entry.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// Writes a layer: same entries, same bytes, whatever the machine and the hour. A later entry of
/// the same name replaces an earlier one. Targets are absolute paths in the image.
///
/// ```java
/// LayerTar.named("launcher").file("/cnb/lifecycle/launcher", script, 0755, Owner.ROOT).write(store)
/// ```
public final class LayerTar {
  private static final int PERMISSIONS = 07777;

  private final String name;
  private final TreeMap<String, Entry> entries = new TreeMap<>();
  private Optional<LayerTree> tree = Optional.empty();

  private LayerTar(String name) {
    this.name = name;
  }

  /// The folder's content under `target` (`/layers/node`), in a tar that is kept in `store`.
  public static Layer of(String name, Path folder, String target, Owner owner, Path store)
      throws IOException {
    return named(name).tree(folder, target, owner).write(store);
  }

  public static LayerTar named(String name) {
    return new LayerTar(name);
  }

  /// Adds a folder and all below it: symbolic and hard links stay links, modes stay but for setuid
  /// and setgid. Sockets, pipes and devices are left out. It is read by [#write], so it must stay
  /// till then. What is added by its own name goes before what the folder has of that name.
  public LayerTar tree(Path folder, String target, Owner owner) {
    return tree(folder, target, owner, _ -> true);
  }

  /// Of the folder only what is `wanted`, which is asked with paths relative to it. A layer has one
  /// folder at most.
  public LayerTar tree(Path folder, String target, Owner owner, Predicate<String> wanted) {
    if (tree.isPresent()) {
      throw new IllegalStateException("layer " + name + " has a folder already");
    }
    tree = Optional.of(new LayerTree(folder, inTar(target), owner, wanted));
    return this;
  }

  public LayerTar directory(String target, int mode, Owner owner) {
    return put(target, new Folder(mode & PERMISSIONS, owner));
  }

  public LayerTar file(String target, byte[] content, int mode, Owner owner) {
    return put(
        target, new Entry.Bytes(ByteBuffer.wrap(content.clone()), mode & PERMISSIONS, owner));
  }

  /// A file whose content is a stretch of another file, which must stay until [#write].
  public LayerTar stretch(
      String target, Path file, long offset, long length, int mode, Owner owner) {
    var identity = file + "@" + offset + "/" + target;
    return put(
        target, new Entry.Stretch(file, offset, length, identity, mode & PERMISSIONS, owner));
  }

  /// A symbolic link at `target` that says `to`.
  public LayerTar link(String target, String to, Owner owner) {
    return put(target, new Entry.Symlink(to, owner));
  }

  /// A second name for the file at `to`, which has this mode and owner.
  public LayerTar hardLink(String target, String to, int mode, Owner owner) {
    return put(target, new Entry.Hardlink(inTar(to), mode & PERMISSIONS, owner));
  }

  /// Whether something was added under this name, but for what the folder has.
  public boolean has(String target) {
    return entries.containsKey(inTar(target));
  }

  /// The tar lands in `store` under its own hash; parents nobody named are added, owned by root.
  public Layer write(Path store) throws IOException {
    return LayerFile.write(name, store, true, this::writeTo);
  }

  private void writeTo(TarArchiveOutputStream tar) throws IOException {
    var writer = new LayerWriter(tar);
    var rest = new TreeMap<>(entries);
    entries.keySet().forEach(path -> addParents(rest, path));
    if (tree.isPresent()) {
      addParents(rest, tree.get().target());
      tree.get().write(writer, rest, entries);
    }
    for (var entry : rest.entrySet()) {
      writer.add(entry.getKey(), entry.getValue());
    }
  }

  private static void addParents(Map<String, Entry> all, String path) {
    for (var cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      if (all.putIfAbsent(path.substring(0, cut), LayerTree.PARENT) != null) {
        return; // whoever added that one added its parents, or the outer loop will
      }
    }
  }

  private LayerTar put(String target, Entry entry) {
    var path = inTar(target);
    if (!path.isEmpty()) {
      entries.put(path, entry);
    }
    return this;
  }

  private static String inTar(String target) {
    var path = target.startsWith("/") ? target.substring(1) : target;
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
