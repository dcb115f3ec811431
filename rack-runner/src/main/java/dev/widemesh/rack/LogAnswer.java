package dev.widemesh.rack;

import dev.widemesh.api.Json;
import dev.widemesh.api.rack.RackMessage.Logs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// The answer to a question for logs, made while it is read: first what is stored, then, where it
/// is to follow, what comes. An empty line every five seconds shows whether anybody still listens.
final class LogAnswer extends InputStream {
  private static final Duration BEAT = Duration.ofSeconds(5);
  private static final int PIECE = 16_000;

  private final Logs question;
  private final LogStore.Opened opened;
  private final Deque<Path> segments;
  private Optional<BufferedReader> reader = Optional.empty();
  private byte[] piece = {};
  private int at;
  private volatile boolean closed;

  LogAnswer(Logs question, LogStore.Opened opened) {
    this.question = question;
    this.opened = opened;
    this.segments = new ArrayDeque<>(opened.segments());
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (at == piece.length) {
      var next = next();
      if (next.isEmpty()) {
        return -1;
      }
      piece = next.get().getBytes(StandardCharsets.UTF_8);
      at = 0;
    }
    var count = Math.min(length, piece.length - at);
    System.arraycopy(piece, at, into, offset, count);
    at += count;
    return count;
  }

  /// Empty at the end.
  private Optional<String> next() throws IOException {
    var stored = stored();
    if (!stored.isEmpty()) {
      return Optional.of(stored);
    }
    return question.follow() && !closed ? live() : Optional.empty();
  }

  private String stored() throws IOException {
    var text = new StringBuilder();
    while (text.length() < PIECE && !closed) {
      if (reader.isEmpty() && !openNext()) {
        break;
      }
      var line = reader.orElseThrow().readLine();
      if (line == null) {
        reader.orElseThrow().close();
        reader = Optional.empty();
      } else {
        LogStore.parse(line).ifPresent(found -> add(text, found));
      }
    }
    return text.toString();
  }

  private boolean openNext() throws IOException {
    while (!segments.isEmpty()) {
      var segment = segments.removeFirst();
      try {
        var stream = Files.newInputStream(segment);
        var bounded = segments.isEmpty() ? new Bounded(stream, opened.lastSize()) : stream;
        reader =
            Optional.of(new BufferedReader(new InputStreamReader(bounded, StandardCharsets.UTF_8)));
        return true;
      } catch (NoSuchFileException _) {
        // The oldest went while we read.
      }
    }
    return false;
  }

  private void add(StringBuilder text, LogRecord line) {
    if (matches(line)) {
      text.append(Json.write(line.line())).append('\n');
    }
  }

  private boolean matches(LogRecord line) {
    return !line.at().isBefore(question.since())
        && (question.stack() == null || question.stack().equals(line.stack()))
        && (question.service() == null || question.service().equals(line.service()))
        && (question.instance() == null || question.instance().equals(line.instance()));
  }

  private Optional<String> live() throws IOException {
    var text = new StringBuilder();
    try {
      var line = opened.live().next(BEAT);
      if (line.isEmpty()) {
        return opened.live().isEnded() ? Optional.empty() : Optional.of("\n");
      }
      while (line.isPresent()) {
        add(text, line.get());
        line = text.length() < PIECE ? opened.live().next(Duration.ZERO) : Optional.empty();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    tellDropped(text);
    return Optional.of(text.toString());
  }

  private void tellDropped(StringBuilder text) {
    var dropped = opened.live().dropped();
    if (dropped > 0) {
      var words = dropped + " lines dropped: this reader is too slow";
      var now = java.time.Instant.now();
      text.append(Json.write(new LogRecord("", now, "platform", "", "", "", words).line()))
          .append('\n');
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    opened.live().close();
    if (reader.isPresent()) {
      reader.get().close();
    }
  }

  /// The last segment is still written: what came after we subscribed comes live.
  private static final class Bounded extends InputStream {
    private final InputStream in;
    private long left;

    Bounded(InputStream in, long left) {
      this.in = in;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      return left-- > 0 ? in.read() : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      var count = in.read(into, offset, (int) Math.min(length, left));
      left -= Math.max(0, count);
      return count;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
