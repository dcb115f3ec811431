package dev.widemesh.builder.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/// Writes that are there whole or not at all, also after the power went.
public final class Durable {
  private Durable() {}

  public static void write(Path file, byte[] content) throws IOException {
    makeFolder(above(file));
    var temporary = Files.createTempFile(above(file), "~", ".part");
    try {
      try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        var buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
      }
      move(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /// `from` must have been forced to disk.
  public static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    force(above(to));
  }

  /// With those above it.
  private static void makeFolder(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    makeFolder(above(folder));
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException _) {
      // somebody else made it just now
    }
    force(above(folder));
  }

  /// The names in it.
  public static void force(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder)) {
      channel.force(true);
    }
  }

  private static Path above(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "the root is no file");
  }
}
