package dev.widemesh.builder.supply;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import com.google.common.base.Splitter;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Unpacks tars into an empty folder. Nothing lands outside of it: each name is made of plain
/// segments, and no link is ever passed through. Devices and the like are refused. Links stay what
/// they are, since here nobody follows them.
final class Unpacking {
  private static final int DEEPEST = 60;
  private static final int LONGEST = 2_000;
  private static final Set<PosixFilePermission> PLAIN =
      PosixFilePermissions.fromString("rw-r--r--");
  private static final Set<PosixFilePermission> PROGRAM =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path root;
  private final String below;
  private long bytesLeft;
  private int filesLeft;

  /// Only what lies `below` that folder is taken, and it keeps its place; all of it where that is
  /// empty.
  Unpacking(Path root, String below, long mostBytes, int mostFiles) {
    this.root = root;
    this.below = below;
    this.bytesLeft = mostBytes;
    this.filesLeft = mostFiles;
  }

  void unpack(InputStream tar) throws IOException {
    var input = new TarInput(new BufferedInputStream(tar, 1 << 16));
    for (var item = input.next(); item.isPresent(); item = input.next()) {
      count(item.get());
      var segments = segments(item.get().name());
      if (!segments.isEmpty() && String.join("/", segments).startsWith(below)) {
        write(input, item.get(), segments);
      }
    }
  }

  /// Also what is skipped: it was unpacked, too.
  private void count(TarInput.Item item) throws IOException {
    bytesLeft -= item.size();
    if (--filesLeft < 0 || bytesLeft < 0) {
      throw new IOException("it unpacks to too much");
    }
  }

  private static List<String> segments(String name) throws IOException {
    var segments = new ArrayList<String>();
    for (var segment : Splitter.on('/').split(name)) {
      if (segment.equals("..")) {
        throw new IOException("it has a name that leads out of it");
      }
      if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    if (segments.size() > DEEPEST || name.length() > LONGEST) {
      throw new IOException("it has a name that is too long");
    }
    return segments;
  }

  private void write(TarInput input, TarInput.Item item, List<String> segments) throws IOException {
    if (item.type() == '5') {
      folder(segments);
      return;
    }
    var target = folder(segments.subList(0, segments.size() - 1)).resolve(path(segments.getLast()));
    clear(target);
    if (item.isFile()) {
      try (var out = Files.newOutputStream(target, CREATE_NEW, WRITE)) {
        input.copy(item, out);
      }
      Files.setPosixFilePermissions(target, item.executable() ? PROGRAM : PLAIN);
    } else if (item.type() == '2') {
      Files.createSymbolicLink(target, path(item.link()));
    } else if (item.type() == '1') {
      Files.createLink(target, linked(item));
    } else {
      throw new IOException("it has a device or a pipe");
    }
  }

  /// A later entry replaces an earlier one, but for folders.
  private static void clear(Path target) throws IOException {
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("it has a folder and a file of one name");
    }
    Files.deleteIfExists(target);
  }

  private Path linked(TarInput.Item item) throws IOException {
    var segments = segments(item.link());
    if (segments.isEmpty()) {
      throw new IOException("it has a link to nothing");
    }
    var file = folder(segments.subList(0, segments.size() - 1)).resolve(path(segments.getLast()));
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("it has a link to what is no file of it");
    }
    return file;
  }

  /// Made where it is not there yet.
  private Path folder(List<String> segments) throws IOException {
    var folder = root;
    for (var segment : segments) {
      folder = folder.resolve(path(segment));
      if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        if (--filesLeft < 0) {
          throw new IOException("it unpacks to too much");
        }
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PROGRAM);
      } else if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException("it has a name that passes through a link or a file");
      }
    }
    return folder;
  }

  private static Path path(String text) throws IOException {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IOException("it has a name that cannot be written here", e);
    }
  }
}
