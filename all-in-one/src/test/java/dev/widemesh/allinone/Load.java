package dev.widemesh.allinone;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// Keep-alive clients that post, one request after the other, and never try one twice: what fails,
/// is counted. Written on plain sockets because every HTTP client retries something.
final class Load implements AutoCloseable {
  private final AtomicLong answered = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger number = new AtomicInteger();
  private final List<Thread> clients = new ArrayList<>();
  private final String host;
  private final int port;
  private final Duration pause;
  private final boolean keepAlive;
  private final String path;
  private final AtomicReference<Queue<Long>> times =
      new AtomicReference<>(new ConcurrentLinkedQueue<>());
  private volatile boolean stopping;

  Load(App app, int clients) {
    this(app, clients, Duration.ZERO, true);
  }

  /// Each client rests between two requests, so that others have the processor too.
  Load(App app, int clients, Duration pause) {
    this(app, clients, pause, true);
  }

  /// With a connection for each request, or many requests on each.
  Load(App app, int clients, Duration pause, boolean keepAlive) {
    this(app, clients, pause, keepAlive, "/");
  }

  /// At another path than the usual one.
  static Load at(String path, App app, int clients) {
    return new Load(app, clients, Duration.ZERO, true, path);
  }

  private Load(App app, int clients, Duration pause, boolean keepAlive, String path) {
    this.path = path;
    this.pause = pause;
    this.keepAlive = keepAlive;
    this.host = app.host();
    this.port = app.platform.http;
    for (var i = 0; i < clients; i++) {
      this.clients.add(Thread.ofVirtual().start(this::client));
    }
  }

  long answered() {
    return answered.get();
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  /// What was measured so far does not count.
  void forgetTimes() {
    times.set(new ConcurrentLinkedQueue<>());
  }

  int times() {
    return times.get().size();
  }

  /// What all but that many of a hundred answers took at most.
  Duration slowest(int ofHundred) {
    var sorted = times.get().stream().sorted().toList();
    return Duration.ofNanos(sorted.get(sorted.size() * (100 - ofHundred) / 100));
  }

  private void client() {
    while (!stopping) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(15_000);
        socket.setTcpNoDelay(true);
        converse(socket);
      } catch (IOException e) {
        failures.add(e.toString());
        rest();
      }
    }
  }

  private void converse(Socket socket) throws IOException {
    var in = new BufferedInputStream(socket.getInputStream());
    while (!stopping) {
      var body = "n" + number.incrementAndGet();
      var request =
          "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(path, host, body.length(), body);
      var began = System.nanoTime();
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      var reusable = answer(in, body);
      times.get().add(System.nanoTime() - began);
      rest();
      if (!reusable || !keepAlive) {
        return;
      }
    }
  }

  private void rest() {
    LockSupport.parkNanos(pause.toNanos());
  }

  /// Whether the connection may be used again.
  private boolean answer(InputStream in, String sent) throws IOException {
    var status = line(in);
    var length = -1;
    var chunked = false;
    var keepAlive = true;
    for (var header = line(in); !header.isEmpty(); header = line(in)) {
      var lower = header.toLowerCase(java.util.Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring(15).strip());
      }
      chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
      keepAlive &= !(lower.startsWith("connection:") && lower.contains("close"));
    }
    var body = chunked ? chunks(in) : new String(in.readNBytes(length), StandardCharsets.UTF_8);
    if (status.startsWith("HTTP/1.1 200 ") && body.endsWith(sent)) {
      answered.incrementAndGet();
    } else {
      failures.add(status + " " + body);
    }
    return keepAlive;
  }

  private static String chunks(InputStream in) throws IOException {
    var body = new StringBuilder();
    while (true) {
      var size = Integer.parseInt(line(in).strip(), 16);
      body.append(new String(in.readNBytes(size), StandardCharsets.UTF_8));
      line(in);
      if (size == 0) {
        return body.toString();
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (var c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("closed after '" + line + "'");
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() {
    stopping = true;
    try {
      for (var client : clients) {
        client.join();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
