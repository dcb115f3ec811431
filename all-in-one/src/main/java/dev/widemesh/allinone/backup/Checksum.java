package dev.widemesh.allinone.backup;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 and the number of bytes of what goes by.
final class Checksum {
  private final MessageDigest digest = sha256();
  private long bytes;

  void add(byte[] buffer, int offset, int length) {
    digest.update(buffer, offset, length);
    bytes += length;
  }

  long bytes() {
    return bytes;
  }

  /// To be asked once, at the end.
  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  static byte[] of(byte[] content) {
    return sha256().digest(content);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK knows SHA-256", e);
    }
  }
}
