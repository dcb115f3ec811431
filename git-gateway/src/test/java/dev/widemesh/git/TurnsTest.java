package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TurnsTest {
  @Test
  void one_account_that_never_ends_leaves_turns_for_another() throws Exception {
    var turns = new Turns(4, 2, Duration.ofMillis(1));
    var _ = turns.take("slow");
    var _ = turns.take("slow");

    assertThatThrownBy(() -> turns.take("slow"))
        .isInstanceOf(Refused.class)
        .hasMessage("too many pushes and fetches are under way");
    try (var turn = turns.take("other")) {
      assertThat(turn).isNotNull();
    }
  }

  @Test
  void whoever_waits_goes_on_as_soon_as_a_turn_ends() throws Exception {
    var turns = new Turns(1, 1, Duration.ofMinutes(1));
    var first = turns.take("one");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Turns.Turn> second = () -> turns.take("two");
      var waiting = threads.submit(second);

      first.close();

      waiting.get(10, TimeUnit.SECONDS).close();
    }
    turns.take("one").close();
  }
}
