package dev.widemesh.builder.image;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/// One name in a layer. `mode` holds the twelve permission bits.
sealed interface Entry {
  Owner owner();

  record Folder(int mode, Owner owner) implements Entry {}

  record Bytes(ByteBuffer content, int mode, Owner owner) implements Entry {}

  /// A stretch of a file on disk. Names with the same `identity`, if it is not empty, are one file
  /// with several names.
  record Stretch(Path file, long offset, long length, String identity, int mode, Owner owner)
      implements Entry {}

  record Symlink(String to, Owner owner) implements Entry {}

  /// Another name of the file at `to`, a name in the same layer. Whoever unpacks sets the mode
  /// again for every name, so it must be the file's.
  record Hardlink(String to, int mode, Owner owner) implements Entry {}
}
