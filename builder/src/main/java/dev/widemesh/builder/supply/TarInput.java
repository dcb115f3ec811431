package dev.widemesh.builder.supply;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads the tar of somebody else, holding no more of it than one name: libraries take the heads
/// that describe an entry into memory, however long these say that they are.
public final class TarInput {
  private static final int BLOCK = 512;
  private static final int LONGEST_EXTRA = 64_000;
  private static final int MOST_EXTRAS = 16;
  private static final String SPARSE = "GNU.sparse";
  private static final Set<String> KEPT = Set.of("path", "linkpath", "size");
  private static final String DAMAGED = "it is no tar, or a damaged one";

  /// `type` as in the head; of links `link` says where they lead.
  public record Item(String name, char type, String link, long size, boolean executable) {
    public boolean isFile() {
      return type == '0' || type == '\0' || type == '7';
    }
  }

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private long left;

  public TarInput(InputStream in) {
    this.in = in;
  }

  /// Empty at the end. What was not read of the one before is skipped.
  public Optional<Item> next() throws IOException {
    var extra = new HashMap<String, String>();
    for (var heads = 0; heads <= MOST_EXTRAS; heads++) {
      skip();
      var head = in.readNBytes(BLOCK);
      if (head.length == 0 || isZero(head)) {
        return Optional.empty();
      }
      requireHead(head);
      var size = number(head, 124, 12);
      var type = (char) head[156];
      left = padded(size);
      switch (type) {
        case 'x' -> extra.putAll(records(extra(size)));
        case 'g' -> skip();
        case 'L' -> extra.put("path", text(extra(size)));
        case 'K' -> extra.put("linkpath", text(extra(size)));
        default -> {
          return Optional.of(item(head, type, size, extra));
        }
      }
    }
    throw new IOException(DAMAGED);
  }

  private Item item(byte[] head, char type, long size, Map<String, String> extra)
      throws IOException {
    if (extra.containsKey(SPARSE)) {
      throw new IOException("it has a file with holes, which is not read here");
    }
    var prefix = text(head, 345, head[257] == 'u' && head[263] == '0' ? 155 : 0);
    var name = text(head, 0, 100);
    var whole = prefix.isEmpty() ? name : prefix + "/" + name;
    var real = size(extra, size);
    left = type == '1' || type == '2' ? 0 : padded(real);
    return new Item(
        extra.getOrDefault("path", whole),
        type,
        extra.getOrDefault("linkpath", text(head, 157, 100)),
        real,
        (number(head, 100, 8) & 0111) != 0);
  }

  private static long size(Map<String, String> extra, long size) throws IOException {
    var said = extra.getOrDefault("size", String.valueOf(size));
    if (!said.matches("\\d{1,15}")) {
      throw new IOException(DAMAGED);
    }
    return Long.parseLong(said);
  }

  /// Writes the content of a file.
  void copy(Item item, OutputStream out) throws IOException {
    var rest = item.size();
    while (rest > 0) {
      var count = in.read(buffer, 0, (int) Math.min(buffer.length, rest));
      if (count < 0) {
        throw new EOFException("it ends in the middle of a file");
      }
      out.write(buffer, 0, count);
      rest -= count;
      left -= count;
    }
  }

  /// The content of a file, to be read before [#next] is asked; never more than that.
  public InputStream content(Item item) {
    return new Content(item.size());
  }

  private final class Content extends InputStream {
    private long rest;

    private Content(long size) {
      rest = size;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (rest == 0 || length == 0) {
        return rest == 0 ? -1 : 0;
      }
      var count = in.read(into, offset, (int) Math.min(length, rest));
      if (count < 0) {
        throw new EOFException("it ends in the middle of a file");
      }
      rest -= count;
      left -= count;
      return count;
    }
  }

  private void skip() throws IOException {
    while (left > 0) {
      var count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count < 0) {
        throw new EOFException("it ends in the middle of a file");
      }
      left -= count;
    }
  }

  private byte[] extra(long size) throws IOException {
    if (size > LONGEST_EXTRA) {
      throw new IOException("it has a name that is too long");
    }
    var bytes = in.readNBytes((int) size);
    left -= bytes.length;
    return bytes;
  }

  /// `27 path=a/long/name\n` and so on.
  private static Map<String, String> records(byte[] bytes) throws IOException {
    var found = new HashMap<String, String>();
    for (var at = 0; at < bytes.length; ) {
      var space = at;
      while (space < bytes.length && bytes[space] != ' ') {
        space++;
      }
      var said = new String(bytes, at, space - at, UTF_8);
      if (!said.matches("[1-9]\\d{0,5}")) {
        throw new IOException(DAMAGED);
      }
      var end = at + Integer.parseInt(said);
      if (end > bytes.length || end <= space + 1) {
        throw new IOException(DAMAGED);
      }
      var record = new String(bytes, space + 1, end - space - 2, UTF_8);
      var equals = record.indexOf('=');
      var key = record.substring(0, Math.max(0, equals));
      if (KEPT.contains(key)) {
        found.put(key, record.substring(equals + 1));
      } else if (key.startsWith(SPARSE)) {
        found.put(SPARSE, "");
      }
      at = end;
    }
    return found;
  }

  private static void requireHead(byte[] head) throws IOException {
    if (head.length < BLOCK) {
      throw new IOException(DAMAGED);
    }
    var sum = 0L;
    for (var i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : head[i] & 0xff;
    }
    if (sum != number(head, 148, 8)) {
      throw new IOException(DAMAGED);
    }
  }

  /// Octal digits, or after a first byte with its highest bit the number itself.
  private static long number(byte[] head, int offset, int length) throws IOException {
    var value = 0L;
    if ((head[offset] & 0x80) != 0) {
      for (var i = offset; i < offset + length; i++) {
        value = (value << 8) | (i == offset ? head[i] & 0x7f : head[i] & 0xff);
      }
    } else {
      var digits = text(head, offset, length).strip();
      if (!digits.matches("[0-7]{0,16}")) {
        throw new IOException(DAMAGED);
      }
      value = digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    }
    if (value < 0 || value > 1L << 50) {
      throw new IOException(DAMAGED);
    }
    return value;
  }

  private static String text(byte[] bytes) {
    return text(bytes, 0, bytes.length);
  }

  private static String text(byte[] bytes, int offset, int length) {
    var end = offset;
    while (end < offset + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, offset, end - offset, UTF_8);
  }

  private static long padded(long size) {
    return (size + BLOCK - 1) / BLOCK * BLOCK;
  }

  private static boolean isZero(byte[] head) {
    return Arrays.equals(head, new byte[head.length]);
  }
}
