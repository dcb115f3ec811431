package dev.widemesh.allinone;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.Deflater;

/// A pack made by hand, object by object: what no git would send.
final class RawPack {
  static final int COMMIT = 1;
  static final int TREE = 2;
  static final int BLOB = 3;
  private static final int OFFSET_DELTA = 6;
  private static final int HEAD = 12;

  private final ByteArrayOutputStream objects = new ByteArrayOutputStream();
  private int count;

  /// Answers where it begins.
  int object(int type, byte[] content) {
    return object(type, content.length, content);
  }

  int object(int type, long claimedSize, byte[] content) {
    var at = begin(type, claimedSize);
    deflate(content, 1);
    return at;
  }

  /// So many times the same bytes.
  int repeated(int type, long claimedSize, byte[] content, int times) {
    var at = begin(type, claimedSize);
    deflate(content, times);
    return at;
  }

  /// Gives what it is made from, but for the first four bytes.
  int changed(int base, int size, int first) {
    var delta = new ByteArrayOutputStream();
    number(delta, size);
    number(delta, size);
    delta.write(4);
    delta.writeBytes(ByteBuffer.allocate(4).putInt(first).array());
    // Copy: a byte of the offset, and three of the size.
    delta.write(0x80 | 0x01 | 0x10 | 0x20 | 0x40);
    delta.write(4);
    delta.write(size - 4);
    delta.write((size - 4) >> 8);
    delta.write((size - 4) >> 16);
    var at = begin(OFFSET_DELTA, delta.size());
    offset(at - base);
    deflate(delta.toByteArray(), 1);
    return at;
  }

  private int begin(int type, long size) {
    var at = HEAD + objects.size();
    count++;
    var left = size >>> 4;
    objects.write((int) ((type << 4) | (size & 15) | (left == 0 ? 0 : 0x80)));
    while (left != 0) {
      objects.write((int) ((left & 0x7f) | (left >>> 7 == 0 ? 0 : 0x80)));
      left >>>= 7;
    }
    return at;
  }

  private void offset(int back) {
    var bytes = new byte[5];
    var at = 4;
    bytes[at] = (byte) (back & 0x7f);
    for (var left = back >> 7; left > 0; left >>= 7) {
      bytes[--at] = (byte) (0x80 | (--left & 0x7f));
    }
    objects.write(bytes, at, 5 - at);
  }

  private static void number(ByteArrayOutputStream out, int value) {
    var left = value;
    for (; left > 0x7f; left >>= 7) {
      out.write((left & 0x7f) | 0x80);
    }
    out.write(left);
  }

  private void deflate(byte[] content, int times) {
    var deflater = new Deflater();
    var piece = new byte[8_192];
    for (var i = 0; i < times; i++) {
      deflater.setInput(content);
      while (!deflater.needsInput()) {
        objects.write(piece, 0, deflater.deflate(piece));
      }
    }
    deflater.finish();
    while (!deflater.finished()) {
      objects.write(piece, 0, deflater.deflate(piece));
    }
    deflater.end();
  }

  byte[] bytes() {
    return bytes(count);
  }

  byte[] bytes(int claimedCount) {
    var head =
        ByteBuffer.allocate(HEAD)
            .put("PACK".getBytes(StandardCharsets.US_ASCII))
            .putInt(2)
            .putInt(claimedCount)
            .array();
    var whole = new ByteArrayOutputStream();
    whole.writeBytes(head);
    whole.writeBytes(objects.toByteArray());
    whole.writeBytes(hash(whole.toByteArray()));
    return whole.toByteArray();
  }

  private static byte[] hash(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
