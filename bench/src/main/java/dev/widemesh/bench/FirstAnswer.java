package dev.widemesh.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/// Asks for `/` every ten milliseconds, from its making on, until the answer holds a marker.
final class FirstAnswer implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final CompletableFuture<Long> seen = new CompletableFuture<>();
  private final long start = System.nanoTime();
  private final byte[] request;
  private final int port;
  private final String marker;

  FirstAnswer(String host, int port, String marker) {
    this.request =
        "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
            .formatted(host)
            .getBytes(StandardCharsets.US_ASCII);
    this.port = port;
    this.marker = marker;
    Thread.ofVirtual().start(this::ask);
  }

  /// Milliseconds from the making of this to the answer.
  long await() throws InterruptedException {
    try {
      return seen.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("no answer with '" + marker + "'", e);
    }
  }

  private void ask() {
    while (!seen.isDone()) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(5_000);
        socket.getOutputStream().write(request);
        var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (answer.startsWith("HTTP/1.1 200") && answer.contains(marker)) {
          seen.complete(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
      } catch (IOException _) {
        // Not there yet.
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  @Override
  public void close() {
    seen.cancel(true);
  }
}
