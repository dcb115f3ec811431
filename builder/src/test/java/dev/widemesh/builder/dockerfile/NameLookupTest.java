package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NameLookupTest {
  private static final int MANY = 16;
  private static final Duration LONG = Duration.ofMinutes(5);

  @Test
  void a_name_has_the_addresses_that_programs_find() throws Exception {
    assertThat(NameLookup.SYSTEM.addresses("localhost"))
        .isNotEmpty()
        .allMatch(InetAddress::isLoopbackAddress);
    assertThat(NameLookup.SYSTEM.addresses("127.1"))
        .containsExactly(InetAddress.ofLiteral("127.0.0.1"));
    assertThat(NameLookup.SYSTEM.addresses("8.8.8.8"))
        .containsExactly(InetAddress.ofLiteral("8.8.8.8"));
    assertThat(NameLookup.SYSTEM.addresses("registry.invalid")).isEmpty();
  }

  @Test
  void who_hangs_is_given_up_in_time_and_leaves_no_program(@TempDir Path folder) throws Exception {
    try (var silent = SilentResolver.in(folder)) {
      var lookup = silent.lookup(Duration.ofMillis(500));

      assertThatThrownBy(() -> lookup.addresses("one.example.com"))
          .isInstanceOf(TimeoutException.class);
      noProgramIsLeft();
    }
  }

  @Test
  void those_that_hang_take_no_thread_from_others_and_end_when_told(@TempDir Path folder)
      throws Exception {
    try (var silent = SilentResolver.in(folder);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var lookup = silent.lookup(LONG);
      var hanging = new ArrayList<Future<?>>();
      for (var i = 0; i < MANY; i++) {
        var name = "name%d.example.com".formatted(i);
        hanging.add(threads.submit(() -> lookup.addresses(name)));
      }
      silent.awaitQuestions(MANY);
      assertThat(carriers()).isLessThanOrEqualTo(Runtime.getRuntime().availableProcessors());
      assertThat(threads.submit(() -> "runs").get(10, TimeUnit.SECONDS)).isEqualTo("runs");
      assertThat(hanging).noneMatch(Future::isDone);

      var _ = threads.shutdownNow();
      for (var each : hanging) {
        assertThatThrownBy(() -> each.get(10, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(InterruptedException.class);
      }
      noProgramIsLeft();
    }
  }

  /// Threads that a blocked virtual thread holds, or that were started in their place.
  private static long carriers() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> entry.getKey().getName().startsWith("ForkJoinPool-"))
        .filter(entry -> isMounted(List.of(entry.getValue())))
        .count();
  }

  private static boolean isMounted(List<StackTraceElement> stack) {
    return stack.stream().anyMatch(frame -> frame.getMethodName().equals("runContinuation"));
  }

  private static void noProgramIsLeft() throws Exception {
    for (var child : ProcessHandle.current().children().toList()) {
      if (child.info().command().filter(path -> path.endsWith("getent")).isPresent()) {
        child.onExit().get(10, TimeUnit.SECONDS);
      }
    }
  }
}
