package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Views;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.RackReport.State;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Nothing that was taken is lost because something else is under way: in which order it was asked
/// for is in which order it holds.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class CrossedRollbackTest {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final Platform PLATFORM = Platform.start();

  private final Platform platform = PLATFORM;
  private final PlayedRack rack = new PlayedRack(platform);
  private final String name = "back" + NAMES.incrementAndGet();
  private final StackCalls stack = StackCalls.fresh(platform, name);

  @BeforeEach
  void connected() throws InterruptedException {
    rack.await(name, definition -> true);
  }

  @AfterEach
  void end() throws IOException {
    rack.close();
  }

  @AfterAll
  static void stop() {
    PLATFORM.close();
  }

  private static DeploymentView made(@Nullable DeploymentView deployment) {
    if (deployment == null) {
      throw new AssertionError("no deployment was made");
    }
    return deployment;
  }

  private void holdsBack(String version) {
    rack.behave(
        (set, id) ->
            PlayedRack.instance(
                set, id, set.deployment().equals(version) ? State.STARTING : State.READY));
  }

  /// The only set of the newest definition, in which nothing else is going on.
  private InstanceSet serves() throws Exception {
    var revision = platform.read("SELECT revision FROM environment WHERE name = '" + name + "'");
    var runs = rack.await(name, d -> d.revision() >= Long.parseLong(revision));
    assertThat(runs.candidate()).isEmpty();
    assertThat(runs.jobs()).isEmpty();
    assertThat(runs.current()).hasSize(1);
    return runs.current().getFirst();
  }

  @ParameterizedTest
  @ValueSource(strings = {"live", "cancelled"})
  @Tag("DEP-11")
  @Tag("STK-3")
  @Tag("SVC-2")
  @Tag("SVC-3")
  void what_is_changed_during_a_rollback_holds_however_that_ends(String end) throws Exception {
    try (var _ = new PlayedBuilder(platform, job -> StackCalls.built(job.commit()))) {
      var first = stack.live(stack.push());
      stack.live(made(stack.set(Map.of("COLOUR", "blue", "SIZE", "m")).deployment()));
      var second = stack.live(stack.push());
      holdsBack("v3");
      var back = stack.rollback(0);
      stack.awaitState(back, "preparing");

      // SIZE is so already, but will not be once the rollback is live.
      var set = stack.set(Map.of("SIZE", "m", "SHAPE", "round"));
      var again = stack.set(Map.of("SHAPE", "square"));
      var command = stack.command("mine");
      assertThat(stack.scale(3).deployment()).isNull();

      assertThat(made(set.deployment()).state()).isEqualTo("queued");
      if (end.equals("cancelled")) {
        stack.cancel(back);
      } else {
        rack.behave(PlayedRack.READY);
      }
      stack.ends(back, end);
      stack.ends(made(set.deployment()), "superseded");
      stack.live(made(again.deployment()));
      stack.live(made(command.deployment()));
      var wanted =
          end.equals("live")
              ? Map.of("SIZE", "m", "SHAPE", "square")
              : Map.of("SIZE", "m", "SHAPE", "square", "COLOUR", "blue");
      assertThat(stack.config()).isEqualTo(wanted);
      assertThat(stack.service().command()).isEqualTo("mine");
      var web = serves();
      assertThat(web.spec().image()).isEqualTo(end.equals("live") ? first.image() : second.image());
      assertThat(web.spec().command()).endsWith("mine");
      assertThat(web.count()).isEqualTo(3);
      assertThat(web.spec().environment()).containsAllEntriesOf(wanted);
      assertThat(web.spec().environment().containsKey("COLOUR")).isEqualTo(end.equals("cancelled"));
    }
  }

  @Test
  @Tag("STK-4")
  void a_secret_that_the_rollback_does_not_have_stays_a_secret() throws Exception {
    try (var _ = new PlayedBuilder(platform, job -> StackCalls.built(job.commit()))) {
      stack.live(stack.push());
      stack.live(made(stack.set(Map.of("PASSWORD", "hush"), true).deployment()));
      holdsBack("v2");
      var back = stack.rollback(0);
      stack.awaitState(back, "preparing");

      var changed = stack.set(Map.of("PASSWORD", "other"));

      rack.behave(PlayedRack.READY);
      stack.live(back);
      stack.live(made(changed.deployment()));
      assertThat(stack.entries()).containsExactly(new Views.ConfigEntry("PASSWORD", null, true));
      assertThat(serves().spec().environment()).containsEntry("PASSWORD", "other");
    }
  }

  @Test
  @Tag("DEP-11")
  @Tag("SVC-2")
  void a_command_is_what_was_asked_for_last() throws Exception {
    try (var _ = new PlayedBuilder(platform, job -> StackCalls.built(job.commit()))) {
      stack.live(stack.push());
      stack.live(made(stack.command("mine").deployment()));
      holdsBack("v2");
      var back = stack.rollback(0);
      stack.awaitState(back, "preparing");

      // It is so already, but will not be once the rollback is live.
      var again = stack.command("mine");

      rack.behave(PlayedRack.READY);
      stack.live(back);
      stack.live(made(again.deployment()));
      assertThat(serves().spec().command()).endsWith("mine");

      stack.live(stack.rollback(0));
      assertThat(serves().spec().command()).endsWith("run");
      assertThat(stack.service().commandByHand()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"building", "releasing", "preparing"})
  @Tag("STK-3")
  @Tag("SVC-2")
  @Tag("SVC-3")
  void what_is_changed_during_a_push_holds_once_that_is_live(String state) throws Exception {
    var go = new CountDownLatch(1);
    try (var _ = new PlayedBuilder(platform, job -> StackCalls.build(job, 1, state, go))) {
      stack.live(stack.push());
      rack.releaseNeverEnds();
      holdsBack("v1");
      var push = stack.push();
      stack.awaitState(push, state);

      var set = stack.set(Map.of("SHAPE", "round"));
      var command = stack.command("mine");
      stack.scale(3);

      go.countDown();
      rack.behave(PlayedRack.READY);
      rack.releaseEnds();
      var pushed = stack.live(push);
      stack.live(made(set.deployment()));
      stack.live(made(command.deployment()));
      var web = serves();
      assertThat(web.spec().image()).isEqualTo(pushed.image());
      assertThat(web.spec().command()).endsWith("mine");
      assertThat(web.spec().environment()).containsEntry("SHAPE", "round");
      assertThat(web.count()).isEqualTo(3);
      assertThat(stack.config()).isEqualTo(Map.of("SHAPE", "round"));
    }
  }

  /// The rollback waits a moment for the push that it ends: a setting that comes then is not newer
  /// than the whole of it.
  @RepeatedTest(5)
  @Tag("DEP-11")
  @Tag("STK-3")
  void a_setting_does_not_overtake_a_rollback_that_waits() throws Exception {
    var go = new CountDownLatch(1);
    try (var _ = new PlayedBuilder(platform, job -> StackCalls.build(job, 2, "building", go))) {
      var first = stack.live(stack.push());
      stack.live(stack.push());
      var push = stack.push();
      stack.awaitState(push, "building");

      var back = stack.rollback(0);
      var set = stack.set(Map.of("SHAPE", "round"));

      stack.live(back);
      stack.live(made(set.deployment()));
      stack.ends(push, "cancelled");
      go.countDown();
      assertThat(serves().spec().image()).isEqualTo(first.image());
      assertThat(serves().spec().environment()).containsEntry("SHAPE", "round");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"building", "releasing", "preparing"})
  @Tag("DEP-11")
  void going_back_to_what_is_live_ends_what_is_under_way(String state) throws Exception {
    var go = new CountDownLatch(1);
    try (var _ = new PlayedBuilder(platform, job -> StackCalls.build(job, 1, state, go))) {
      var first = stack.live(stack.push());
      var before = serves();
      rack.releaseNeverEnds();
      holdsBack("v1");
      var running = stack.push();
      stack.awaitState(running, state);
      var waiting = stack.push();

      var back = stack.live(stack.rollback(0));

      stack.ends(running, "cancelled");
      stack.ends(waiting, "superseded");
      go.countDown();
      assertThat(back.live()).isTrue();
      assertThat(stack.branch()).isEqualTo(first.commit());
      assertThat(serves()).isEqualTo(before);
      assertThatThrownBy(() -> stack.rollback(back.version()))
          .isInstanceOfSatisfying(
              ApiException.class,
              refused -> {
                assertThat(refused.problem().code()).isEqualTo("already-live");
                assertThat(refused.problem().message()).isEqualTo("v3 is the live one");
              });
    }
  }
}
