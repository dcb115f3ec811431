package dev.widemesh.rack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class EngineTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  /// As a stopped process does: the kernel takes the connection, and nobody answers.
  @Test
  void a_look_at_a_docker_that_hangs_ends_soon_though_what_it_is_to_do_may_take_longer()
      throws Exception {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var engine = at(silent, Duration.ofMillis(200), LONG);
        var brief = at(silent, LONG, Duration.ofMillis(200))) {
      var starting = threads.submit(() -> engine.start("one"));
      List<ThrowingCallable> looks =
          List.of(
              () -> engine.containers(Map.of()),
              () -> engine.everything("t"),
              () -> engine.hasImage("x"),
              () -> engine.imagesFrom("x"),
              engine::facts,
              () -> engine.networks("t"),
              engine::subnets);
      for (var look : looks) {
        endsSoon(look);
      }
      assertThat(starting).isNotDone();

      var looking = threads.submit(() -> brief.hasImage("x"));
      List<ThrowingCallable> acts =
          List.of(
              () -> brief.start("one"),
              () -> brief.signal("one", "KILL"),
              () -> brief.remove("one"),
              () -> brief.removeImage("x"),
              () -> brief.removeNetwork("x"));
      for (var act : acts) {
        endsSoon(act);
      }
      assertThat(looking).isNotDone();

      var _ = threads.shutdownNow();
      assertThatThrownBy(() -> starting.get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
    }
    assertThat(Engine.LOOK).isEqualTo(Duration.ofSeconds(10));
  }

  private static Engine at(ServerSocket server, Duration look, Duration act) {
    return Engine.connect("tcp://127.0.0.1:" + server.getLocalPort(), look, act);
  }

  private static void endsSoon(ThrowingCallable call) {
    var before = Instant.now();
    assertThatThrownBy(call).hasRootCauseInstanceOf(java.net.SocketTimeoutException.class);
    assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(20));
  }
}
