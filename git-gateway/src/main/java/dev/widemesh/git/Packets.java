package dev.widemesh.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// What a client says in git's packets, where they hold bytes as well as lines.
final class Packets {
  private static final int HEADER = 4;
  private static final int LARGEST = 65_520;
  // git-lfs says a hundred lines at once, of 90 bytes each.
  private static final int MOST_SAID = 100_000;
  private static final int MOST_LINES = 1_000;
  private static final int MOST_EMPTY = 1_000;

  /// What a packet is: `END` and `DELIMITER` hold nothing.
  enum Kind {
    DATA,
    DELIMITER,
    END
  }

  private final InputStream in;
  private byte[] data = new byte[0];

  Packets(InputStream in) {
    this.in = in;
  }

  /// Reads the next one; [EOFException] where the client has gone.
  Kind next() throws IOException {
    var header = in.readNBytes(HEADER);
    if (header.length < HEADER) {
      throw new EOFException("the client is gone");
    }
    var length = length(header);
    if (length == 0 || length == 1) {
      data = new byte[0];
      return length == 0 ? Kind.END : Kind.DELIMITER;
    }
    if (length < HEADER || length > LARGEST) {
      throw new IOException("no packet has the length " + length);
    }
    data = in.readNBytes(length - HEADER);
    if (data.length < length - HEADER) {
      throw new EOFException("the client is gone");
    }
    return Kind.DATA;
  }

  private static int length(byte[] header) throws IOException {
    var length = 0;
    for (var digit : header) {
      var value = Character.digit(digit, 16);
      if (value < 0) {
        throw new IOException("the client does not speak in packets");
      }
      length = length * 16 + value;
    }
    return length;
  }

  /// Of the last packet of data.
  String line() {
    var text = new String(data, UTF_8);
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  /// Lines up to an end; `until` tells what that was. Each costs more here than on its way.
  Lines lines() throws IOException {
    var lines = new ArrayList<String>();
    var said = 0;
    while (true) {
      var kind = next();
      if (kind != Kind.DATA) {
        return new Lines(lines, kind);
      }
      said += HEADER + data.length;
      if (said > MOST_SAID || lines.size() == MOST_LINES) {
        throw new IOException("the client says too much at once");
      }
      lines.add(line());
    }
  }

  record Lines(List<String> lines, Kind until) {
    Lines {
      lines = List.copyOf(lines);
    }
  }

  /// The bytes of the packets up to the next end.
  InputStream content() {
    return new Content();
  }

  /// Reads what remains of such content, and keeps nothing: more than `most` bytes are not read.
  static void drain(InputStream content, long most) throws IOException {
    var piece = new byte[LARGEST];
    var came = 0L;
    for (var got = content.read(piece); got >= 0; got = content.read(piece)) {
      came += got;
      if (came > most) {
        throw new IOException("the client sends more than %,d bytes".formatted(most));
      }
    }
  }

  private final class Content extends InputStream {
    private int at;
    private int length;
    private int empty;
    private boolean over;

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int wanted) throws IOException {
      while (at == length && !over) {
        over = next() != Kind.DATA;
        at = 0;
        length = data.length;
        if (length == 0 && ++empty > MOST_EMPTY) {
          throw new IOException("the client sends packets of nothing");
        }
      }
      if (over) {
        return -1;
      }
      var count = Math.min(wanted, length - at);
      System.arraycopy(data, at, bytes, offset, count);
      at += count;
      return count;
    }
  }
}
