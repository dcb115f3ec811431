package dev.widemesh.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// Lines of a long answer, with a limit on how long to wait for the next one.
final class StreamedLines implements AutoCloseable {
  private static final int AHEAD = 1000;

  private final BlockingQueue<Heard> heard = new ArrayBlockingQueue<>(AHEAD);
  private final InputStream stream;
  private final Thread reader;

  StreamedLines(InputStream stream) {
    this.stream = stream;
    this.reader = Thread.ofVirtual().name("stream").start(this::read);
  }

  /// After an [Heard.End] nothing more comes.
  Heard next(Duration limit) {
    try {
      var next = heard.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
      return next == null ? new Heard.Silence() : next;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new Heard.End();
    }
  }

  private void read() {
    try {
      pass();
      heard.put(new Heard.End());
    } catch (InterruptedException _) {
      // Closed from this side: nobody listens any more.
    }
  }

  private void pass() throws InterruptedException {
    try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        heard.put(new Heard.Line(line));
      }
    } catch (IOException _) {
      // A stream that breaks off ends like any other; who needs its outcome asks again.
    }
  }

  @Override
  public void close() throws IOException {
    reader.interrupt();
    stream.close();
  }
}
