package dev.widemesh.builder.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// Content addresses, as in image references: `sha256:<hex>`.
public final class Sha256 {
  private Sha256() {}

  public static String of(byte[] content) {
    return address(digest().digest(content));
  }

  public static String of(String content) {
    return of(content.getBytes(StandardCharsets.UTF_8));
  }

  /// Of the lines with a line feed between each two, without ever holding them in one piece.
  public static String of(List<String> lines) {
    var digest = digest();
    for (var i = 0; i < lines.size(); i++) {
      digest.update(((i == 0 ? "" : "\n") + lines.get(i)).getBytes(StandardCharsets.UTF_8));
    }
    return address(digest.digest());
  }

  public static String of(Path file) throws IOException {
    var digest = digest();
    var buffer = ByteBuffer.allocate(1 << 18);
    try (var channel = FileChannel.open(file)) {
      while (channel.read(buffer) >= 0) {
        digest.update(buffer.flip());
        buffer.clear();
      }
    }
    return address(digest.digest());
  }

  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK knows SHA-256", e);
    }
  }

  private static String address(byte[] hash) {
    return "sha256:" + HexFormat.of().formatHex(hash);
  }
}
