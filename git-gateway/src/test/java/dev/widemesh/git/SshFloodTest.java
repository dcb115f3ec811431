package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// 5,000 connections in ten seconds, of people who then say nothing, and one who has a key.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
class SshFloodTest {
  private static final int CONNECTIONS = 5_000;
  private static final int ADDRESSES = 20;
  private static final int SECONDS = 10;
  private static final int MOST_STRANGERS = 100;

  @TempDir private Path folder;
  private House house;

  @BeforeEach
  void start() throws IOException {
    house = new House(folder);
  }

  @AfterEach
  void stop() {
    house.close();
  }

  @Test
  void a_flood_is_throttled_and_cut_and_keeps_nobody_out_who_has_a_key() throws Exception {
    var flood = new Flood(house.gateway().port());
    var logins = new ArrayList<Long>();
    var key = Caller.key(house.key());
    try (var caller = new Caller(house.gateway().port())) {
      while (!flood.isOver()) {
        var begin = System.nanoTime();
        try (var session = caller.connect("git", "127.0.0.1")) {
          assertThat(Caller.logIn(session, key)).isTrue();
        }
        logins.add((System.nanoTime() - begin) / 1_000_000);
        // Slower than what one address may do.
        LockSupport.parkNanos(Duration.ofMillis(80).toNanos());
      }
    }
    var sorted = logins.stream().sorted().toList();
    System.out.printf(
        "a flood of %d: %d greeted, at most %d of one address, %d at once;"
            + " %d logins meanwhile, half after %d ms, the slowest after %d ms%n",
        CONNECTIONS,
        flood.greeted.values().stream().mapToInt(AtomicInteger::get).sum(),
        flood.mostOfOne(),
        flood.mostAtOnce.get(),
        logins.size(),
        sorted.get(sorted.size() / 2),
        sorted.getLast());

    assertThat(flood.greeted).hasSize(ADDRESSES);
    assertThat(flood.mostOfOne()).isLessThan(20 * SECONDS);
    assertThat(logins).hasSizeGreaterThan(SECONDS);
    assertThat(sorted.get((sorted.size() * 99 - 1) / 100)).isLessThan(2_000);
    House.await("strangers are few", () -> flood.open.get() <= MOST_STRANGERS);
    flood.awaitEnd(Duration.ofSeconds(35));
  }

  /// Who is greeted stays until the door ends it, and says nothing.
  private static final class Flood {
    final ConcurrentHashMap<String, AtomicInteger> greeted = new ConcurrentHashMap<>();
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger mostAtOnce = new AtomicInteger();
    private final List<Thread> clients = new ArrayList<>();
    private final Thread source;
    private final int port;

    Flood(int port) {
      this.port = port;
      this.source = Thread.ofPlatform().start(this::come);
    }

    private void come() {
      var begin = System.nanoTime();
      for (var i = 0; i < CONNECTIONS; i++) {
        var from = "127.0.3." + (1 + i % ADDRESSES);
        clients.add(Thread.ofVirtual().start(() -> connect(from)));
        var next = begin + (i + 1) * Duration.ofSeconds(SECONDS).toNanos() / CONNECTIONS;
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }

    private void connect(String from) {
      try (var socket = new Socket()) {
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
        // Of some the kernel says that they are connected, and forgets them where its list is full.
        socket.setSoTimeout(20_000);
        if (socket.getInputStream().read() == 'S') {
          socket.setSoTimeout(60_000);
          greeted.computeIfAbsent(from, _ -> new AtomicInteger()).incrementAndGet();
          stay(socket);
        }
      } catch (IOException _) {
        // Turned away, which is for the counts to tell.
      }
    }

    private void stay(Socket socket) throws IOException {
      mostAtOnce.accumulateAndGet(open.incrementAndGet(), Math::max);
      try {
        var _ = socket.getInputStream().readAllBytes();
      } finally {
        open.decrementAndGet();
      }
    }

    boolean isOver() {
      return !source.isAlive();
    }

    int mostOfOne() {
      return greeted.values().stream().mapToInt(AtomicInteger::get).max().orElse(0);
    }

    void awaitEnd(Duration limit) throws InterruptedException {
      var end = System.nanoTime() + limit.toNanos();
      for (var client : clients) {
        var left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        assertThat(client.join(left)).as("%d are there still", open.get()).isTrue();
      }
    }
  }
}
