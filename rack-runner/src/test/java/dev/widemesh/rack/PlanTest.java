package dev.widemesh.rack;

import static dev.widemesh.rack.Samples.NOW;
import static dev.widemesh.rack.Samples.running;
import static dev.widemesh.rack.Samples.seen;
import static dev.widemesh.rack.Samples.wanting;
import static dev.widemesh.rack.Samples.web;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.EnvironmentDefinition.Job;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.RouteTable.Role;
import dev.widemesh.api.rack.RouterReport;
import dev.widemesh.rack.Seen.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PlanTest {
  private static final InstanceSet OLD = web("old");
  private static final InstanceSet NEW = web("new");

  @TempDir private Path folder;
  private Ledger ledger;
  private final Memory memory = new Memory();
  private RouterVotes votes = RouterVotes.NONE;
  private boolean followed;

  @BeforeEach
  void open() throws IOException {
    ledger = new Ledger(Vault.open(folder), Samples.ENV);
  }

  private Plan plan(EnvironmentDefinition wanted, Seen... seen) {
    var situation = new Situation(wanted, List.of(seen), memory, ledger, votes, _ -> followed, NOW);
    Standing.observe(situation);
    return Plan.of(situation);
  }

  private void routerSays(long applied, List<String> ready, List<String> drained) {
    var probes = ready.stream().map(id -> new RouterReport.Probe(id, true, "")).toList();
    var report = new RouterReport("r1", applied, probes, drained);
    votes = new RouterVotes(List.of(new RouterVotes.Vote(report, NOW)));
  }

  @Test
  void what_is_missing_is_made() {
    var plan = plan(wanting(List.of(OLD), List.of(NEW)), running(OLD, 1));

    assertThat(plan.steps()).containsExactly(new Step.Create(NEW, 1));
  }

  @Test
  void nothing_is_done_where_all_is_so() {
    assertThat(plan(wanting(List.of(OLD), List.of()), running(OLD, 1)).steps()).isEmpty();
  }

  @Test
  @Tag("DEP-9")
  void the_old_one_drains_once_the_new_one_is_ready() {
    routerSays(1, List.of("new-1"), List.of());

    var plan = plan(wanting(List.of(NEW), List.of()), running(NEW, 1), running(OLD, 1));

    assertThat(plan.steps()).containsExactly(new Step.Drain(running(OLD, 1)));
  }

  @Test
  @Tag("RCK-6")
  void a_rack_that_was_away_keeps_the_old_one_until_the_new_one_is_ready() {
    var plan = plan(wanting(List.of(NEW), List.of()), running(OLD, 1));

    assertThat(plan.steps())
        .containsExactly(new Step.Create(NEW, 1), new Step.Hold(running(OLD, 1)));
  }

  @Test
  void a_drained_one_is_told_to_end_only_when_the_table_that_said_so_was_applied() {
    memory.leaves("c-old-1", new Leaving.Draining(NOW.minusSeconds(1), 7));
    routerSays(6, List.of("new-1"), List.of("old-1"));
    assertThat(plan(wanting(List.of(NEW), List.of()), running(NEW, 1), running(OLD, 1)).steps())
        .isEmpty();

    routerSays(7, List.of("new-1"), List.of("old-1"));
    assertThat(plan(wanting(List.of(NEW), List.of()), running(NEW, 1), running(OLD, 1)).steps())
        .containsExactly(new Step.Terminate(running(OLD, 1)));
  }

  @Test
  void without_a_router_the_drain_deadline_decides() {
    memory.leaves("c-old-1", new Leaving.Draining(NOW.minus(Plan.DRAIN), 7));

    assertThat(plan(wanting(List.of(), List.of()), running(OLD, 1)).steps())
        .containsExactly(new Step.Terminate(running(OLD, 1)));
  }

  @Test
  void one_that_ignores_sigterm_is_killed_after_its_grace() {
    memory.leaves("c-old-1", new Leaving.Stopping(NOW.minusSeconds(9), 0));
    var early = plan(wanting(List.of(), List.of()), running(OLD, 1));
    assertThat(early.steps()).isEmpty();
    assertThat(early.lookAgain()).isEqualTo(NOW.plusSeconds(1));

    memory.leaves("c-old-1", new Leaving.Stopping(NOW.minusSeconds(10), 0));
    assertThat(plan(wanting(List.of(), List.of()), running(OLD, 1)).steps())
        .containsExactly(new Step.Kill(running(OLD, 1)));
  }

  @Test
  void a_candidate_that_never_served_is_stopped_at_once() {
    memory.plays("c-new-1", Role.CANDIDATE);

    var plan = plan(wanting(List.of(OLD), List.of()), running(OLD, 1), running(NEW, 1));

    assertThat(plan.steps()).containsExactly(new Step.Terminate(running(NEW, 1)));
  }

  @Test
  void an_ended_one_is_removed_after_its_last_line_is_stored() {
    var ended = seen(OLD, 1, new Phase.Ended(NOW.minusSeconds(60), NOW.minusSeconds(1), 0, false));
    assertThat(plan(wanting(List.of(), List.of()), ended).steps()).isEmpty();

    followed = true;
    assertThat(plan(wanting(List.of(), List.of()), ended).steps())
        .containsExactly(new Step.Remove(ended));
  }

  @Test
  @Tag("SVC-5")
  void a_crashed_one_is_started_again_after_its_pause() {
    followed = true;
    var ended = seen(OLD, 1, new Phase.Ended(NOW.minusSeconds(60), NOW, 1, false));
    assertThat(plan(wanting(List.of(OLD), List.of()), ended).steps())
        .containsExactly(new Step.Restart(ended));

    ledger.restarted("old-1", NOW);
    var later = plan(wanting(List.of(OLD), List.of()), ended);
    assertThat(later.steps()).isEmpty();
    assertThat(later.lookAgain()).isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  @Tag("SVC-5")
  void ten_minutes_of_health_and_nothing_less_forgive_all_crashes() {
    for (var i = 0; i < 8; i++) {
      ledger.restarted("w-1", NOW.minus(Duration.ofMinutes(20)));
    }

    isHealthySince(NOW.minus(Duration.ofMinutes(10)).plusMillis(1));
    assertThat(ledger.starts("w-1").restarts()).hasSize(8);

    isHealthySince(NOW.minus(Duration.ofMinutes(10)));
    assertThat(ledger.starts("w-1")).isEqualTo(new Ledger.Starts(List.of(), 8));
  }

  private void isHealthySince(Instant since) {
    var worker = Samples.set("w", "worker", 1, Samples.spec(0, List.of("work")));
    memory.health("c-w-1", new Memory.Health(since, true, true, since, ""));
    var _ = plan(wanting(List.of(), List.of(worker)), seen(worker, 1, new Phase.Running(since, 1)));
  }

  @Test
  @Tag("SVC-6")
  void what_has_no_port_is_ready_once_it_lived_for_its_time_and_is_looked_at_then() {
    var worker = Samples.set("w", "worker", 1, Samples.spec(0, List.of("work")));
    var wanted = wanting(List.of(), List.of(worker));
    var young = seen(worker, 1, new Phase.Running(NOW.minusMillis(400), 1));

    assertThat(plan(wanted, young).lookAgain()).isEqualTo(NOW.plusMillis(600));
    assertThat(memory.health("c-w-1").orElseThrow().ready()).isFalse();

    var _ = plan(wanted, seen(worker, 1, new Phase.Running(NOW.minusSeconds(1), 1)));
    assertThat(memory.health("c-w-1").orElseThrow().ready()).isTrue();
  }

  @Test
  void one_that_is_wanted_again_while_it_drains_stays() {
    memory.leaves("c-old-1", new Leaving.Draining(NOW, 7));

    assertThat(plan(wanting(List.of(OLD), List.of()), running(OLD, 1)).steps())
        .containsExactly(new Step.Resume(running(OLD, 1)));
  }

  @Test
  void one_that_is_wanted_again_after_sigterm_is_made_anew() {
    memory.leaves("c-old-1", new Leaving.Stopping(NOW, 0));

    assertThat(plan(wanting(List.of(OLD), List.of()), running(OLD, 1)).steps())
        .containsExactly(new Step.Create(OLD, 1));
  }

  @Test
  void after_a_refusal_there_is_a_pause() {
    memory.refused("old-1", new IllegalStateException("no such image"), NOW);

    var plan = plan(wanting(List.of(OLD), List.of()));

    assertThat(plan.steps()).isEmpty();
    assertThat(plan.lookAgain()).isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  void an_image_that_may_be_signed_any_moment_is_tried_again_every_five_seconds() {
    for (var i = 0; i < 10; i++) {
      memory.refused("old-1", new Unsigned("apps/x@sha256:1"), NOW);
    }

    assertThat(plan(wanting(List.of(OLD), List.of())).lookAgain()).isEqualTo(NOW.plusSeconds(5));
  }

  @Test
  void a_job_that_began_and_vanished_does_not_run_again() {
    var job = new Job("j1", "shop", "release", "v1", Samples.spec(0, List.of("migrate")), 60);
    var wanted =
        new EnvironmentDefinition(
            Samples.ENV, "blue", 1, false, List.of(), List.of(), List.of(job), List.of());
    assertThat(plan(wanted).steps()).containsExactly(new Step.RunJob(job));

    ledger.begin("j1");
    assertThat(plan(wanted).steps()).isEmpty();
  }

  @Test
  void a_job_past_its_deadline_is_killed() {
    var job = new Job("j1", "shop", "release", "v1", Samples.spec(0, List.of("migrate")), 60);
    var wanted =
        new EnvironmentDefinition(
            Samples.ENV, "blue", 1, false, List.of(), List.of(), List.of(job), List.of());
    var labels = Labels.of(Samples.ENV, job);
    var seen = new Seen("c", "c", labels, "", new Phase.Running(NOW.minusSeconds(60), 1));

    assertThat(plan(wanted, seen).steps()).containsExactly(new Step.Kill(seen));
  }

  @Test
  void a_deleted_environment_drains_nothing() {
    assertThat(plan(Samples.deleted(), running(OLD, 1)).steps())
        .containsExactly(new Step.Terminate(running(OLD, 1)));
  }
}
