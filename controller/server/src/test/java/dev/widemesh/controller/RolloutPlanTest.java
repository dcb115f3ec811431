package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.api.rack.RackReport.EnvironmentReport;
import dev.widemesh.api.rack.RackReport.State;
import dev.widemesh.controller.RolloutPlan.Step;
import dev.widemesh.model.Diagnosis;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("DEP-12")
class RolloutPlanTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final InstanceSet WEB = set("web", 8080, InstanceSpec.Readiness.Kind.PORT, null);

  private static final String UNSIGNED = "the image apps/x@sha256:1 is not signed by this platform";

  private static InstanceSet set(
      String service, int port, InstanceSpec.Readiness.Kind kind, @Nullable String path) {
    var spec =
        new InstanceSpec(
            "i",
            List.of("/launcher", "/bin/sh", "-c", "npm start"),
            Map.of(),
            port,
            new InstanceSpec.Readiness(kind, path, 1),
            512_000_000,
            1,
            512,
            30,
            false);
    return new InstanceSet("abc", "shop", service, "shop-" + service, "v1", 1, spec);
  }

  private record Seen(
      State state,
      int restarts,
      @Nullable Integer exit,
      boolean oom,
      @Nullable Long ran,
      @Nullable String message,
      List<String> listening) {
    static Seen of(State state) {
      return new Seen(state, 0, null, false, null, null, List.of());
    }

    Seen listening(String... sockets) {
      return new Seen(state, restarts, exit, oom, ran, message, List.of(sockets));
    }

    Seen exit(int code, int restarted) {
      return new Seen(state, restarted, code, oom, ran, message, listening);
    }

    Seen ranFor(long millis) {
      return new Seen(state, restarts, exit, oom, millis, message, listening);
    }

    Seen saying(String words) {
      return new Seen(state, restarts, exit, oom, ran, words, listening);
    }

    Seen outOfMemory() {
      return new Seen(state, restarts, 137, true, ran, message, listening);
    }

    RackReport.Instance instance() {
      return new RackReport.Instance(
          "abc-1",
          "abc",
          state,
          START,
          restarts,
          exit,
          oom,
          ran,
          message,
          null,
          null,
          listening,
          List.of("/bin/sh: 1: npmm: not found"),
          0,
          0);
    }
  }

  private static Step after(int seconds, InstanceSet set, Seen seen) {
    return RolloutPlan.preparing(facts(seconds, report(seen)), List.of(set));
  }

  private static RolloutPlan.Facts facts(int seconds, Optional<EnvironmentReport> report) {
    return facts(seconds, report, Optional.of(new SignatureLook.Unknown()));
  }

  private static RolloutPlan.Facts facts(
      int seconds, Optional<EnvironmentReport> report, Optional<SignatureLook> look) {
    return new RolloutPlan.Facts(
        START.plusSeconds(seconds),
        START,
        START.plusSeconds(120),
        "home",
        report.isPresent(),
        report,
        Map.of("abc-1", START),
        look);
  }

  private static Diagnosis diagnosis(Step step) {
    if (step instanceof Step.Fail(var diagnosis)) {
      return diagnosis;
    }
    throw new AssertionError("not failed: " + step);
  }

  @Test
  void all_ready_is_the_moment_to_commit() {
    assertThat(after(1, WEB, Seen.of(State.READY))).isInstanceOf(Step.Commit.class);
  }

  @Test
  void nothing_that_changed_is_the_moment_to_commit() {
    assertThat(RolloutPlan.preparing(facts(0, Optional.empty()), List.of()))
        .isInstanceOf(Step.Commit.class);
  }

  @Test
  void starting_is_waited_for_until_the_deadline() {
    assertThat(after(119, WEB, Seen.of(State.STARTING))).isInstanceOf(Step.Wait.class);
    assertThat(diagnosis(after(121, WEB, Seen.of(State.STARTING))))
        .isInstanceOf(Diagnosis.NeverListened.class);
  }

  @Test
  void one_that_listens_on_loopback_fails_after_ten_seconds() {
    var seen = Seen.of(State.STARTING).listening("127.0.0.11:40001", "127.0.0.1:8080");
    assertThat(after(9, WEB, seen)).isInstanceOf(Step.Wait.class);
    assertThat(diagnosis(after(10, WEB, seen)).summary())
        .isEqualTo("web listens on 127.0.0.1:8080, must listen on 0.0.0.0:$PORT (8080)");
  }

  @Test
  void one_that_listens_on_another_port_fails_after_ten_seconds() {
    assertThat(diagnosis(after(10, WEB, Seen.of(State.STARTING).listening("0.0.0.0:3000"))))
        .isInstanceOf(Diagnosis.WrongPort.class);
    assertThat(diagnosis(after(10, WEB, Seen.of(State.STARTING).listening("[::]:3000"))))
        .isInstanceOf(Diagnosis.WrongPort.class);
  }

  @Test
  void dockers_own_name_server_is_not_the_apps_socket() {
    assertThat(after(60, WEB, Seen.of(State.STARTING).listening("127.0.0.11:40001")))
        .isInstanceOf(Step.Wait.class);
  }

  @Test
  void out_of_memory_fails_at_once() {
    assertThat(diagnosis(after(1, WEB, Seen.of(State.CRASHED).outOfMemory())))
        .isInstanceOf(Diagnosis.OutOfMemory.class);
  }

  @Test
  void a_command_that_was_not_found_is_named_at_once() {
    assertThat(diagnosis(after(1, WEB, Seen.of(State.CRASHED).exit(127, 0))).summary())
        .isEqualTo("web cannot start: command not found: npmm");
  }

  @Test
  void a_file_that_is_not_executable_is_named_at_once() {
    assertThat(diagnosis(after(1, WEB, Seen.of(State.CRASHED).exit(126, 0))).summary())
        .isEqualTo("web cannot start: not executable here: npm");
    assertThat(diagnosis(after(1, WEB, Seen.of(State.REFUSED).saying("exec format error"))))
        .isInstanceOf(Diagnosis.NotExecutable.class);
  }

  @Test
  void three_crashes_are_enough_and_two_are_not() {
    assertThat(after(1, WEB, Seen.of(State.CRASHED).exit(1, 1))).isInstanceOf(Step.Wait.class);
    assertThat(diagnosis(after(1, WEB, Seen.of(State.CRASHED).exit(1, 2))).summary())
        .isEqualTo("web crashed with exit code 1 (3 times)");
  }

  @Test
  void a_crash_at_the_start_is_told_from_a_later_one() {
    var crashes = Seen.of(State.CRASHED).exit(1, 2);

    assertThat(diagnosis(after(1, WEB, crashes.ranFor(40))).summary())
        .isEqualTo("web crashed with exit code 1 at once (3 times)");
    assertThat(diagnosis(after(1, WEB, crashes.ranFor(3_040))).summary())
        .isEqualTo("web crashed with exit code 1 after 3 s (3 times)");
  }

  @Test
  void one_that_crashed_once_and_then_got_ready_is_ready() {
    assertThat(after(5, WEB, Seen.of(State.READY).exit(1, 1))).isInstanceOf(Step.Commit.class);
  }

  @Test
  void what_is_refused_for_a_minute_is_the_platforms_fault() {
    var seen = Seen.of(State.REFUSED).saying("cannot pull apps/x@sha256:1: connection refused");
    assertThat(after(59, WEB, seen)).isInstanceOf(Step.Wait.class);
    assertThat(diagnosis(after(60, WEB, seen)))
        .isInstanceOf(Diagnosis.Platform.class)
        .extracting(Diagnosis::summary)
        .isEqualTo("web cannot be started: cannot pull apps/x@sha256:1: connection refused");
  }

  @Test
  void an_image_that_the_registry_does_not_have_or_does_not_give_fails_at_once() {
    for (var why : List.of("manifest unknown", "unauthorized: a password is needed here")) {
      var seen = Seen.of(State.REFUSED).saying("cannot pull apps/x@sha256:1: " + why);
      assertThat(diagnosis(after(1, WEB, seen)).summary()).endsWith(why);
    }
    // Docker's own words about a container are about the app.
    var seen = Seen.of(State.REFUSED).saying("OCI runtime: permission denied");
    assertThat(diagnosis(after(1, WEB, seen))).isInstanceOf(Diagnosis.NotExecutable.class);
  }

  @Test
  @Tag("BLD-10")
  void an_image_that_is_not_signed_fails_at_once_and_is_named() {
    for (var step :
        List.of(
            after(1, WEB, Seen.of(State.REFUSED).saying(UNSIGNED)),
            after(200, WEB, Seen.of(State.REFUSED).saying(UNSIGNED)),
            refusedRelease(1, UNSIGNED))) {
      assertThat(diagnosis(step)).isInstanceOf(Diagnosis.NotSigned.class);
      assertThat(diagnosis(step).summary()).endsWith("cannot be started: " + UNSIGNED);
      assertThat(diagnosis(step).code()).isEqualTo("not-signed");
    }
  }

  @Test
  @Tag("BLD-10")
  void an_image_that_may_be_signed_is_waited_for_for_a_while_and_named_is_what_is_so() {
    for (var step : unsigned(200, Optional.empty())) {
      assertThat(step).isInstanceOf(Step.AwaitSignature.class).extracting("image").isEqualTo("i");
    }
    isWaitedFor(new SignatureLook.Asked(START), 60, Diagnosis.Platform.class, "does not answer");
    isWaitedFor(
        new SignatureLook.Stuck(START, START.plusSeconds(290), "the disk is full"),
        300,
        Diagnosis.Platform.class,
        "cannot be signed for now: the disk is full");
    isWaitedFor(new SignatureLook.Signed(START), 60, Diagnosis.NotSigned.class, UNSIGNED);
  }

  private static void isWaitedFor(
      SignatureLook look, int seconds, Class<? extends Diagnosis> after, String words) {
    for (var step : unsigned(seconds - 1, Optional.of(look))) {
      assertThat(step).isInstanceOf(Step.AwaitSignature.class);
    }
    for (var step : unsigned(seconds, Optional.of(look))) {
      assertThat(diagnosis(step)).isInstanceOf(after);
      assertThat(diagnosis(step).summary()).contains(UNSIGNED).endsWith(words);
    }
  }

  /// Of an instance, and of a release command.
  private static List<Step> unsigned(int seconds, Optional<SignatureLook> look) {
    var instance = report(Seen.of(State.REFUSED).saying(UNSIGNED));
    var job = new RackReport.JobReport("j", false, null, false, UNSIGNED, List.of());
    var waiting = Optional.of(new EnvironmentReport("e", 7, 7, false, List.of(), List.of(job)));
    return List.of(
        RolloutPlan.preparing(facts(seconds, instance, look), List.of(WEB)),
        RolloutPlan.releasing(facts(seconds, waiting, look), "j", "migrate", WEB.spec()));
  }

  private static Optional<EnvironmentReport> report(Seen seen) {
    return Optional.of(
        new EnvironmentReport("e", 7, 7, false, List.of(seen.instance()), List.of()));
  }

  @Test
  void a_release_command_that_is_not_let_start_is_not_waited_for() {
    var why = "cannot pull apps/x@sha256:1: connection refused";
    assertThat(refusedRelease(59, why)).isInstanceOf(Step.Wait.class);
    assertThat(diagnosis(refusedRelease(60, why)).summary())
        .isEqualTo("the release command cannot be started: " + why);
    assertThat(diagnosis(refusedRelease(1, "cannot pull apps/x@sha256:1: manifest unknown")))
        .isInstanceOf(Diagnosis.Platform.class);
  }

  private static Step refusedRelease(int seconds, String why) {
    var job = new RackReport.JobReport("j", false, null, false, why, List.of());
    var report = new EnvironmentReport("e", 7, 7, false, List.of(), List.of(job));
    return RolloutPlan.releasing(facts(seconds, Optional.of(report)), "j", "migrate", WEB.spec());
  }

  @Test
  void a_health_path_that_does_not_answer_well_is_unhealthy() {
    var set = set("web", 8080, InstanceSpec.Readiness.Kind.HTTP, "/up");
    var seen = Seen.of(State.STARTING).listening("0.0.0.0:8080").saying("302");
    assertThat(diagnosis(after(121, set, seen)).summary())
        .isEqualTo("web answers its health path /up with 302, must be 2xx");
  }

  @Test
  void a_silent_rack_is_waited_for_until_the_deadline() {
    assertThat(RolloutPlan.preparing(facts(60, Optional.empty()), List.of(WEB)))
        .isInstanceOf(Step.Wait.class);
    assertThat(diagnosis(RolloutPlan.preparing(facts(121, Optional.empty()), List.of(WEB))))
        .isInstanceOf(Diagnosis.Platform.class);
  }

  @Test
  void the_release_command_decides_by_its_exit_code() {
    assertThat(released(0)).isInstanceOf(Step.Prepare.class);
    assertThat(diagnosis(released(2))).isInstanceOf(Diagnosis.ReleaseFailed.class);
    assertThat(diagnosis(released(127))).isInstanceOf(Diagnosis.MissingCommand.class);
  }

  private static Step released(int code) {
    var job = new RackReport.JobReport("j", true, code, false, null, List.of());
    var report = new EnvironmentReport("e", 7, 7, false, List.of(), List.of(job));
    return RolloutPlan.releasing(facts(1, Optional.of(report)), "j", "migrate", WEB.spec());
  }

  @Test
  void waiting_time_is_what_the_deployment_waited() {
    assertThat(facts(3, Optional.empty()).waited()).isEqualTo(Duration.ofSeconds(3));
  }
}
