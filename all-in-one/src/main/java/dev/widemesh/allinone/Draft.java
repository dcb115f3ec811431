package dev.widemesh.allinone;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A file that is readable by its owner only and called `FILE.draft` until it is whole, in a folder
/// where others may write, too. What is not ours there is neither followed, changed nor removed.
final class Draft implements AutoCloseable {
  private static final String MODE = "rw-------";
  private static final int ROOT = 0;

  private final Path path;
  private final FileChannel channel;

  /// Which file it is, whatever has its name by now.
  private final Object identity;

  private Draft(Path path, FileChannel channel, Object identity) {
    this.path = path;
    this.channel = channel;
    this.identity = identity;
  }

  static Draft of(Path target) throws IOException {
    var path = target.resolveSibling(target.getFileName() + ".draft");
    if (Files.exists(path, NOFOLLOW_LINKS)) {
      if (!isLeftOver(path)) {
        throw new Refused(
            path + " is there, and not left over from a backup",
            "choose another name for the backup, or another folder");
      }
      Files.delete(path);
    }
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(MODE));
    var channel = FileChannel.open(path, Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS), mode);
    var draft = new Draft(path, channel, identity(path));
    Runtime.getRuntime().addShutdownHook(new Thread(draft::removeAtEnd, "draft"));
    return draft;
  }

  private static boolean isLeftOver(Path path) throws IOException {
    return Files.isRegularFile(path, NOFOLLOW_LINKS)
        && Files.getAttribute(path, "unix:uid", NOFOLLOW_LINKS).equals(ROOT)
        && Files.getPosixFilePermissions(path, NOFOLLOW_LINKS)
            .equals(PosixFilePermissions.fromString(MODE));
  }

  private static Object identity(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS).fileKey();
  }

  FileChannel channel() {
    return channel;
  }

  /// Whole under that name, or not there.
  void become(Path target) throws IOException {
    channel.force(true);
    if (!isStillThere()) {
      throw new IOException(path + " was replaced meanwhile, by another backup perhaps");
    }
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
    try (var folder = FileChannel.open(target.toAbsolutePath().getParent())) {
      folder.force(true);
    }
  }

  private boolean isStillThere() throws IOException {
    return Files.exists(path, NOFOLLOW_LINKS) && identity(path).equals(identity);
  }

  /// Where somebody interrupts it.
  private void removeAtEnd() {
    try {
      close();
    } catch (IOException e) {
      System.err.println("widemesh: %s is left: %s".formatted(path, e.getMessage()));
    }
  }

  @Override
  public void close() throws IOException {
    // While it is open nothing else is given its identity.
    if (channel.isOpen() && isStillThere()) {
      Files.deleteIfExists(path);
    }
    channel.close();
  }
}
