package dev.widemesh.router;

import io.vertx.core.buffer.Buffer;

/// Follows the frames of a WebSocket (RFC 6455, 5.2) from the instance as they pass, to know
/// whether one is complete, and whether the instance said goodbye.
final class Frames {
  private static final int CLOSE = 8;
  private static final int LONGEST_HEAD = 14;

  private final byte[] head = new byte[LONGEST_HEAD];
  private int known;
  private long payload;
  private boolean goodbye;

  /// "Service restart" (1012): clients connect again by themselves.
  static Buffer restart() {
    return Buffer.buffer(new byte[] {(byte) (0x80 | CLOSE), 2, 1012 >> 8, (byte) 1012});
  }

  void pass(Buffer piece) {
    for (var at = 0; at < piece.length(); ) {
      if (payload > 0) {
        var skipped = (int) Math.min(payload, piece.length() - at);
        payload -= skipped;
        at += skipped;
      } else {
        head[known++] = piece.getByte(at++);
        if (known >= 2 && known == length()) {
          begin();
        }
      }
    }
  }

  /// Between two frames, and not after the last one: here one more may be written.
  boolean mayFollow() {
    return payload == 0 && known == 0 && !goodbye;
  }

  private int lengthBytes() {
    return switch (head[1] & 0x7f) {
      case 126 -> Short.BYTES;
      case 127 -> Long.BYTES;
      default -> 0;
    };
  }

  private int length() {
    var mask = head[1] < 0 ? Integer.BYTES : 0;
    return 2 + lengthBytes() + mask;
  }

  private void begin() {
    var bytes = lengthBytes();
    var size = bytes == 0 ? head[1] & 0x7fL : 0;
    for (var i = 0; i < bytes; i++) {
      size = (size << Byte.SIZE) | (head[2 + i] & 0xff);
    }
    goodbye |= (head[0] & 0x0f) == CLOSE;
    // Longer than anything: nobody knows where the next one would begin.
    payload = size < 0 ? Long.MAX_VALUE : size;
    known = 0;
  }
}
