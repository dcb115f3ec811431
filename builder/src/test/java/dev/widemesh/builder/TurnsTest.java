package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class TurnsTest {
  private final Turns turns = new Turns();

  @Test
  void the_build_before_is_stopped_and_waited_for() throws Exception {
    var older = new Cancellation();
    var stopped = new CountDownLatch(1);
    older.onCancel(stopped::countDown);
    FutureTask<Turns.Turn> newer;
    try (var _ = turns.take("shop", older)) {
      newer = start(new Cancellation());
      stopped.await();
      assertThat(newer.isDone()).isFalse();
    }
    newer.get(10, TimeUnit.SECONDS).close();
  }

  @Test
  void another_stack_has_nothing_to_do_with_it() throws Exception {
    var shop = new Cancellation();
    try (var _ = turns.take("shop", shop);
        var _ = turns.take("blog", new Cancellation())) {
      assertThat(shop.came()).isFalse();
    }
  }

  @Test
  void who_is_cancelled_does_not_wait_on() throws Exception {
    try (var _ = turns.take("shop", new Cancellation())) {
      var cancelled = new Cancellation();
      var waiting = start(cancelled);
      cancelled.cancel();
      assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(BuildRefused.class);
    }
    turns.take("shop", new Cancellation()).close();
  }

  private FutureTask<Turns.Turn> start(Cancellation cancellation) {
    var task = new FutureTask<>(() -> turns.take("shop", cancellation));
    Thread.ofVirtual().start(task);
    return task;
  }
}
