package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// An app's `.dockerignore`. One that cannot be honoured is refused: what it hides would be sent.
public final class IgnoreFile {
  static final String NAME = ".dockerignore";
  private static final int MOST_BYTES = 100_000;
  private static final int MOST_LINES = 1_000;

  private IgnoreFile() {}

  public static void check(Path workspace) throws IOException, BuildRefused {
    var file = workspace.resolve(NAME);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw BuildRefused.because(".dockerignore is no plain file", "commit it as one");
    }
    if (Files.size(file) >= MOST_BYTES) {
      throw BuildRefused.because(
          ".dockerignore has %d bytes or more".formatted(MOST_BYTES), "make it shorter");
    }
    if (text(workspace).lines().count() > MOST_LINES) {
      throw BuildRefused.because(
          ".dockerignore has more than %d lines".formatted(MOST_LINES), "make it shorter");
    }
  }

  /// Byte by byte, of one that was checked; empty where there is none.
  static String text(Path workspace) throws IOException {
    var file = workspace.resolve(NAME);
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        ? Files.readString(file, StandardCharsets.ISO_8859_1)
        : "";
  }
}
