package dev.widemesh.builder.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// Turns entries, as they come, into the bytes of a tar.
final class LayerWriter {
  /// What Cloud Native Buildpacks agreed on: one second into the first day that zip files know.
  private static final FileTime LAYER_TIME = FileTime.from(Instant.parse("1980-01-01T00:00:01Z"));

  private final TarArchiveOutputStream tar;

  /// Where each file with several names was written first.
  private final Map<String, String> written = new HashMap<>();

  LayerWriter(TarArchiveOutputStream tar) {
    this.tar = tar;
  }

  void add(String path, Entry entry) throws IOException {
    switch (entry) {
      case Entry.Folder(var mode, var owner) -> {
        header(tar, new TarArchiveEntry(path + "/", TarConstants.LF_DIR), mode, owner);
        tar.closeArchiveEntry();
      }
      case Entry.Symlink(var to, var owner) ->
          link(tar, path, TarConstants.LF_SYMLINK, to, 0777, owner);
      case Entry.Hardlink(var to, var mode, var owner) ->
          link(tar, path, TarConstants.LF_LINK, to, mode, owner);
      case Entry.Bytes(var content, var mode, var owner) -> {
        file(tar, path, content.remaining(), mode, owner);
        Channels.newChannel(tar).write(content.duplicate());
        tar.closeArchiveEntry();
      }
      case Entry.Stretch stretch -> add(path, stretch);
    }
  }

  private void add(String path, Entry.Stretch stretch) throws IOException {
    if (!stretch.identity().isEmpty()) {
      var first = written.putIfAbsent(stretch.identity() + stretch.owner(), path);
      if (first != null) {
        link(tar, path, TarConstants.LF_LINK, first, stretch.mode(), stretch.owner());
        return;
      }
    }
    file(tar, path, stretch.length(), stretch.mode(), stretch.owner());
    copy(stretch, tar);
    tar.closeArchiveEntry();
  }

  private static void copy(Entry.Stretch stretch, TarArchiveOutputStream tar) throws IOException {
    var buffer = ByteBuffer.allocate(Math.clamp(stretch.length(), 1, 1 << 18));
    try (var from = FileChannel.open(stretch.file())) {
      from.position(stretch.offset());
      for (var left = stretch.length(); left > 0; ) {
        buffer.clear().limit((int) Math.min(left, buffer.capacity()));
        var count = from.read(buffer);
        if (count < 0) {
          throw new IOException(stretch.file() + " became shorter while it was read");
        }
        tar.write(buffer.array(), 0, count);
        left -= count;
      }
    }
  }

  /// Begins a file.
  static void file(TarArchiveOutputStream tar, String path, long size, int mode, Owner owner)
      throws IOException {
    var entry = new TarArchiveEntry(path, TarConstants.LF_NORMAL);
    entry.setSize(size);
    header(tar, entry, mode, owner);
  }

  private static void link(
      TarArchiveOutputStream tar, String path, byte kind, String to, int mode, Owner owner)
      throws IOException {
    var entry = new TarArchiveEntry(path, kind);
    entry.setLinkName(to);
    header(tar, entry, mode, owner);
    tar.closeArchiveEntry();
  }

  private static void header(
      TarArchiveOutputStream tar, TarArchiveEntry entry, int mode, Owner owner) throws IOException {
    entry.setMode(mode);
    entry.setIds(owner.uid(), owner.gid());
    entry.setNames("", "");
    entry.setLastModifiedTime(LAYER_TIME);
    tar.putArchiveEntry(entry);
  }
}
