package dev.widemesh.allinone;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/// A disk of its own (ext4 in a file), so that a test can fill one and harm nobody.
final class SmallDisk implements AutoCloseable {
  private final Path folder;
  private final Path mounted;

  private SmallDisk(Path folder) {
    this.folder = folder;
    this.mounted = folder.resolve("disk");
  }

  static SmallDisk of(long bytes) throws IOException {
    var folder = Files.createTempDirectory("widemesh-disk-");
    var disk = new SmallDisk(folder);
    var image = folder.resolve("image");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    }
    Files.createDirectory(disk.mounted);
    disk.run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
    disk.run("mount", "-o", "loop", image.toString(), disk.mounted.toString());
    var open = PosixFilePermissions.fromString("rwx--x--x");
    Files.setPosixFilePermissions(folder, open);
    Files.setPosixFilePermissions(disk.mounted, open);
    return disk;
  }

  Path folder() {
    return mounted;
  }

  int percentUsed() throws IOException {
    var store = Files.getFileStore(mounted);
    var used = store.getTotalSpace() - store.getUnallocatedSpace();
    return Math.toIntExact(100 * used / (used + store.getUsableSpace()));
  }

  /// Takes space until so much of it is used; the file is given back with [#relieve].
  void fill(int percent) throws IOException {
    var store = Files.getFileStore(mounted);
    var used = store.getTotalSpace() - store.getUnallocatedSpace();
    var wanted = (used + store.getUsableSpace()) * percent / 100 - used;
    run("fallocate", "-l", String.valueOf(wanted), mounted.resolve("filler").toString());
  }

  /// To the last byte.
  void fillUp() throws IOException {
    fill(99);
    var rest = "of=" + mounted.resolve("rest");
    var dd = List.of("dd", "if=/dev/zero", rest, "bs=4096", "status=none");
    var full = Shell.run(folder, Map.of(), dd);
    if (!full.err().contains("No space left on device")) {
      throw new AssertionError(full.all());
    }
  }

  void relieve() throws IOException {
    Files.deleteIfExists(mounted.resolve("filler"));
    Files.deleteIfExists(mounted.resolve("rest"));
  }

  private void run(String... argv) {
    Shell.run(folder, Map.of(), List.of(argv)).ok();
  }

  @Override
  public void close() throws IOException {
    run("umount", mounted.toString());
    PostgresBinaries.deleteTree(folder);
  }
}
