package dev.widemesh.builder.image;

import dev.widemesh.builder.image.Entry.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Writes a layer: same entries, same bytes, whatever the machine and the hour. A later entry of
/// the same name replaces an earlier one. Targets are absolute paths in the image.
///
/// ```java
/// LayerTar.named("launcher").file("/cnb/lifecycle/launcher", script, 0755, Owner.ROOT).write(store)
/// ```
public final class LayerTar {
  private static final int PERMISSIONS = 07777;

  /// What a build left is nobody's to run as somebody else.
  private static final int OF_FILES = 01777;

  private static final Folder PARENT = new Folder(0755, Owner.ROOT);

  private final String name;
  private final TreeMap<String, Entry> entries = new TreeMap<>();

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
  /// and setgid. Sockets, pipes and devices are left out. The files are read by [#write], so they
  /// must stay till then.
  public LayerTar tree(Path folder, String target, Owner owner) throws IOException {
    return tree(folder, target, owner, _ -> true);
  }

  /// Of the folder only what is `wanted`, which is asked with paths relative to it.
  public LayerTar tree(Path folder, String target, Owner owner, Predicate<String> wanted)
      throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            var relative = folder.relativize(path);
            if (wanted.test(relative.toString())) {
              directory(below(target, relative), mode(path), owner);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            var relative = folder.relativize(path);
            if (wanted.test(relative.toString())) {
              onDisk(below(target, relative), path, attributes, owner);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return this;
  }

  private void onDisk(String target, Path path, BasicFileAttributes attributes, Owner owner)
      throws IOException {
    if (attributes.isSymbolicLink()) {
      link(target, Files.readSymbolicLink(path).toString(), owner);
    } else if (attributes.isRegularFile()) {
      var identity = String.valueOf(attributes.fileKey()); // device and inode
      put(target, new Entry.Stretch(path, 0, attributes.size(), identity, mode(path), owner));
    }
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

  /// Whether something was added under this name.
  public boolean has(String target) {
    return entries.containsKey(inTar(target));
  }

  /// The tar lands in `store` under its own hash; parents nobody named are added, owned by root.
  public Layer write(Path store) throws IOException {
    var complete = new TreeMap<>(entries);
    entries.keySet().forEach(path -> addParents(complete, path));
    return new LayerWriter(name, complete).write(store);
  }

  private static void addParents(Map<String, Entry> all, String path) {
    for (var cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      if (all.putIfAbsent(path.substring(0, cut), PARENT) != null) {
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

  private static String below(String target, Path relative) {
    return relative.toString().isEmpty() ? target : inTar(target) + "/" + relative;
  }

  private static int mode(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & OF_FILES;
  }
}
