package dev.widemesh.allinone.backup;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// The last bytes of a backup, after the end of the tar: where its manifest begins, and the
/// checksum of every byte before it.
record Tail(int format, long manifest, long bytes, String sha256) {
  static final int FORMAT = 1;
  static final int SIZE = 512;

  private static final Pattern TEXT =
      Pattern.compile(
          "widemesh-backup (\\d{1,9})\nmanifest (\\d{1,18})\nbytes (\\d{1,18})\nsha256 ([0-9a-f]{64})\n+");

  static Tail parse(byte[] block) throws DamagedBackup {
    var text = TEXT.matcher(new String(block, StandardCharsets.ISO_8859_1));
    if (block.length != SIZE || !text.matches()) {
      throw new DamagedBackup("it is cut off, or no backup of Widemesh");
    }
    return new Tail(
        Integer.parseInt(text.group(1)),
        Long.parseLong(text.group(2)),
        Long.parseLong(text.group(3)),
        text.group(4));
  }

  /// Closes what was written or read: its checksum covers where the manifest begins, too.
  static Tail of(long manifest, Checksum body) {
    var bytes = body.bytes();
    var head = head(FORMAT, manifest, bytes).getBytes(StandardCharsets.ISO_8859_1);
    body.add(head, 0, head.length);
    return new Tail(FORMAT, manifest, bytes, body.hex());
  }

  byte[] block() {
    var text = head(format, manifest, bytes) + "sha256 " + sha256 + "\n";
    return (text + "\n".repeat(SIZE - text.length())).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String head(int format, long manifest, long bytes) {
    return "widemesh-backup %d\nmanifest %d\nbytes %d\n".formatted(format, manifest, bytes);
  }
}
