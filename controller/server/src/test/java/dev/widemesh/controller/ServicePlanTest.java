package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.rack.InstanceSpec.Readiness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ServicePlanTest {
  private static final BuildWire.Built BUILT =
      Platform.built("shop@sha256:1", Map.of("web", "run", "worker", "work"));

  private static ServicePlan.Place place(String label, String commit) {
    return new ServicePlan.Place("abcdefgh", "shop", "shop", label, commit, false);
  }

  private static List<ServicePlan.Planned> plan(
      ServicePlan.Place place, Map<String, String> configuration, ServiceSettings... settings) {
    var byName = new java.util.HashMap<String, ServiceSettings>();
    for (var one : settings) {
      byName.put(one.name(), one);
    }
    return ServicePlan.plan(place, BUILT, configuration, byName, Map.of());
  }

  @Test
  void only_web_has_a_port_unless_one_was_set() {
    var plan = plan(place("v1", "c"), Map.of());
    assertThat(plan.getFirst().spec().port()).isEqualTo(8080);
    assertThat(plan.getFirst().spec().readiness().kind()).isEqualTo(Readiness.Kind.PORT);
    assertThat(plan.getLast().spec().port()).isZero();
    assertThat(plan.getLast().spec().readiness())
        .isEqualTo(new Readiness(Readiness.Kind.ALIVE, null, 1.0));
  }

  @Test
  void the_deployment_and_the_commit_are_no_reason_to_roll() {
    var one = plan(place("v1", "c1"), Map.of()).getFirst();
    var two = plan(place("v2", "c2"), Map.of()).getFirst();
    assertThat(one.spec()).isNotEqualTo(two.spec());
    assertThat(one.fingerprint()).isEqualTo(two.fingerprint());
  }

  @Test
  void configuration_is_a_reason_to_roll() {
    assertThat(plan(place("v1", "c"), Map.of("A", "1")).getFirst().fingerprint())
        .isNotEqualTo(plan(place("v1", "c"), Map.of("A", "2")).getFirst().fingerprint());
  }

  @Test
  void a_command_by_hand_wins_over_the_procfile() {
    var byHand =
        new ServiceSettings(
            "web",
            new Command(null, List.of("exactly", "$this")),
            true,
            1,
            1,
            1,
            1,
            null,
            "/up",
            5,
            1);
    var web = plan(place("v1", "c"), Map.of(), byHand).getFirst();
    assertThat(web.byHand()).isTrue();
    assertThat(web.spec().command()).containsExactly("/cnb/lifecycle/launcher", "exactly", "$this");
    assertThat(web.spec().readiness()).isEqualTo(new Readiness(Readiness.Kind.HTTP, "/up", 0));
  }

  @Test
  void a_process_of_buildpacks_is_an_entry_point_itself() {
    var entrypoint = List.of("/cnb/lifecycle/launcher", "--");

    assertThat(new Command(null, List.of("/cnb/process/web")).words(entrypoint))
        .containsExactly("/cnb/process/web");
    assertThat(new Command(null, List.of("/cnb/process/web", "x")).words(entrypoint))
        .startsWith("/cnb/lifecycle/launcher", "--", "/cnb/process/web");
    assertThat(Command.ofShell("serve").words(entrypoint))
        .containsExactly("/cnb/lifecycle/launcher", "--", "/bin/sh", "-c", "serve");
  }

  @Test
  @Tag("SVC-6")
  void a_worker_is_ready_after_the_time_that_was_set() {
    var patient = new ServiceSettings("worker", null, false, 1, 1, 1, 1, null, null, 5, 10);
    var before = plan(place("v1", "c"), Map.of());
    var plan = plan(place("v1", "c"), Map.of(), patient);

    assertThat(plan.getLast().spec().readiness())
        .isEqualTo(new Readiness(Readiness.Kind.ALIVE, null, 10.0));
    assertThat(plan.getLast().fingerprint()).isNotEqualTo(before.getLast().fingerprint());
    assertThat(ServicePlan.atLeast(plan.stream().map(ServicePlan.Planned::spec).toList()))
        .isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void a_set_is_told_apart_from_an_equal_one_of_another_deployment() {
    assertThat(Fingerprint.setId("f", "v1")).hasSize(12).isNotEqualTo(Fingerprint.setId("f", "v2"));
  }
}
