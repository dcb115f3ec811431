package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The router has only its snapshot: whoever could tell it more stands still.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("alone")
class RouterKillTest {
  private static final Duration ALWAYS = Duration.ofSeconds(5);

  /// Of its own, when nobody else wants the processors.
  private static final Duration PROMISED = Duration.ofSeconds(2);

  private static final Duration PAUSE = Duration.ofMillis(20);

  @Test
  @Tag("RTR-6")
  void a_killed_router_answers_again_within_seconds_by_its_snapshot_alone() throws Exception {
    try (var platform = TestPlatform.start()) {
      var app = App.create(platform, platform.environmentOf("router"), "shop");
      app.node("one").commit("one").push().ok();
      platform.signal("STOP", "control", "rack-runner");
      try (var load = new Load(app, 8, PAUSE)) {
        var killed = ProcessHandle.of(platform.pidOf("router")).orElseThrow();
        var start = System.nanoTime();
        platform.kill("router");
        killed.onExit().get(10, TimeUnit.SECONDS);
        Await.until("it answers", Duration.ofSeconds(30), () -> app.answer().startsWith("one"));
        var took = Duration.ofNanos(System.nanoTime() - start);
        var others = waitedForProcessor(platform.pidOf("router"));
        System.out.printf(
            "killed router answers again after %d ms, of which it waited %d ms for a processor%n",
            took.toMillis(), others.toMillis());
        assertThat(took).isLessThan(ALWAYS);
        assertThat(took.minus(others)).isLessThan(PROMISED);
        var soFar = load.answered();
        Await.until("all go on", Duration.ofSeconds(10), () -> load.answered() > soFar + 100);
      } finally {
        platform.signal("CONT", "control", "rack-runner");
      }
      Await.until(
          "nothing disagrees",
          Duration.ofMinutes(1),
          () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
    }
  }

  /// While the machine ran others: its first threads, which start it one after the other (proc(5),
  /// `schedstat`).
  private static Duration waitedForProcessor(long pid) throws IOException {
    var waits = new HashMap<String, Long>();
    try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (var thread : threads) {
        var name = Files.readString(thread.resolve("comm")).strip();
        var fields = Files.readString(thread.resolve("schedstat")).split(" ", -1);
        waits.merge(name, Long.parseLong(fields[1]), Math::max);
      }
    }
    return Duration.ofNanos(
        waits.getOrDefault("java", 0L) + waits.getOrDefault("vert.x-eventloo", 0L));
  }
}
