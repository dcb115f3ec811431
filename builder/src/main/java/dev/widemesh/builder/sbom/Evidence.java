package dev.widemesh.builder.sbom;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/// A kind of file that says what software is installed beside it, or in it.
interface Evidence {
  /// `path` is one below the image's root, without a slash in front.
  boolean isAt(String path);

  /// So many bytes at most are looked at; a file that has more is not read.
  long most();

  /// What was found before it fails counts all the same. `content` is of `most` bytes at most, and
  /// need not be read to its end.
  void read(String path, InputStream content, Budget budget, Consumer<Claim> found)
      throws IOException;

  /// The last part of the path.
  static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /// All but that, without a slash at its end.
  static String folder(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }
}
