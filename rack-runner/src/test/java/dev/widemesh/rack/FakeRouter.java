package dev.widemesh.rack;

import dev.widemesh.api.Json;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouteTable.Role;
import dev.widemesh.api.rack.RouterReport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// A router that routes nothing, over the real socket: it pulls tables, probes ports and says what
/// drained when the test lets it.
final class FakeRouter implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final Path socket;
  private final List<Thread> threads;
  private final List<RouteTable> history = new ArrayList<>();
  private RouteTable table = RouteTable.EMPTY;
  private boolean mayDrain = true;

  FakeRouter(Path socket) {
    this.socket = socket;
    this.threads =
        List.of(
            Thread.ofVirtual().name("fake-router-pull").start(() -> repeat(this::pull)),
            Thread.ofVirtual().name("fake-router-report").start(() -> repeat(this::report)));
  }

  private interface Turn {
    void run() throws IOException;
  }

  private static void repeat(Turn turn) {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        turn.run();
      } catch (IOException | IllegalArgumentException _) {
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  private void pull() throws IOException {
    long after;
    synchronized (this) {
      after = table.revision();
    }
    var body = call("GET /routes?after=" + after, "");
    if (!body.isEmpty()) {
      synchronized (this) {
        table = Json.read(body, RouteTable.class);
        history.add(table);
        notifyAll();
      }
    }
  }

  private void report() throws IOException {
    RouteTable now;
    boolean drains;
    LockSupport.parkNanos(50_000_000);
    synchronized (this) {
      now = table;
      drains = mayDrain;
    }
    var probes = new ArrayList<RouterReport.Probe>();
    var drained = new ArrayList<String>();
    for (var instance : instances(now)) {
      if (instance.role() == Role.DRAINING) {
        if (drains) {
          drained.add(instance.id());
        }
      } else if (instance.port() > 0) {
        probes.add(probe(instance));
      }
    }
    call("POST /reports", Json.write(new RouterReport("r1", now.revision(), probes, drained)));
  }

  static List<RouteTable.Instance> instances(RouteTable table) {
    return table.environments().stream()
        .flatMap(environment -> environment.services().stream())
        .flatMap(service -> service.instances().stream())
        .toList();
  }

  private static RouterReport.Probe probe(RouteTable.Instance instance) {
    try (var connection = new Socket()) {
      connection.connect(new InetSocketAddress(instance.address(), instance.port()), 300);
      return new RouterReport.Probe(instance.id(), true, "");
    } catch (IOException _) {
      return new RouterReport.Probe(instance.id(), false, "connection refused");
    }
  }

  private String call(String line, String body) throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      var bytes = body.getBytes(StandardCharsets.UTF_8);
      var head =
          "%s HTTP/1.1\r\nHost: rack\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
              .formatted(line, bytes.length);
      channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.UTF_8)));
      channel.write(ByteBuffer.wrap(bytes));
      var answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      if (!answer.contains("\r\n\r\n")) {
        throw new IOException("cut off");
      }
      return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
  }

  synchronized void mayDrain(boolean may) {
    mayDrain = may;
    notifyAll();
  }

  synchronized RouteTable await(Predicate<RouteTable> wish) throws InterruptedException {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!wish.test(table)) {
      var left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError("not within " + PATIENCE + ": " + table);
      }
      wait(left);
    }
    return table;
  }

  static Optional<Role> role(RouteTable table, String instance) {
    return instances(table).stream()
        .filter(one -> one.id().equals(instance))
        .map(RouteTable.Instance::role)
        .findFirst();
  }

  synchronized List<RouteTable> history() {
    return List.copyOf(history);
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }
}
