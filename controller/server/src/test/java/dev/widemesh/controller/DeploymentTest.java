package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Cause;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.GitWire;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.api.rack.RackReport.State;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whole deployments over the wire, with a played builder and a played rack.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class DeploymentTest {
  private static final String ONE = "1".repeat(40);
  private static final String TWO = "2".repeat(40);

  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final Platform PLATFORM = Platform.start();

  private final Platform platform = PLATFORM;
  private final PlayedRack rack = new PlayedRack(platform);
  private final String name = "shop" + NAMES.incrementAndGet();
  private final String stack = platform.stack(name);

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

  private String url() {
    return "http://" + name + ".widemesh.localhost:7080/";
  }

  private PlayedBuilder builder() {
    return new PlayedBuilder(
        platform,
        job ->
            Platform.built(
                "shop@sha256:" + job.commit().substring(0, 4),
                Map.of("web", "run", "worker", "work")));
  }

  private Platform.Followed deploy(String commit) {
    try (var _ = builder()) {
      return platform.follow(platform.push(stack, commit).id());
    }
  }

  @Test
  @Tag("DEP-1")
  void a_push_is_built_started_and_live_with_its_url() {
    var followed = deploy(ONE);

    assertThat(followed.outcome().state()).isEqualTo("live");
    assertThat(followed.outcome().live()).isTrue();
    assertThat(followed.outcome().url()).isEqualTo(url());
    assertThat(followed.outcome().phases())
        .extracting(DeploymentView.Phase::name)
        .containsExactly("queued", "building", "preparing");
    assertThat(followed.lines())
        .contains("-----> Building " + ONE, "-----> Starting web (1), worker (1)")
        .anyMatch(line -> line.matches(" {7}web\\.1 ready in \\d+\\.\\d s"))
        .endsWith("-----> Live: v0 at " + url());
  }

  @Test
  void the_rack_gets_the_whole_specification() throws Exception {
    deploy(ONE);

    var definition = rack.await(name, d -> d.current().size() == 2);
    var web = definition.current().getFirst();
    assertThat(web.hostname()).isEqualTo(name + "-web");
    assertThat(web.spec().command())
        .containsExactly("/cnb/lifecycle/launcher", "/bin/sh", "-c", "run");
    assertThat(web.spec().environment())
        .containsEntry("PORT", "8080")
        .containsEntry("WIDEMESH_ENV", name)
        .containsEntry("WIDEMESH_DEPLOYMENT", "v0")
        .containsEntry("SOURCE_COMMIT", ONE);
    assertThat(definition.current().getLast().spec().environment()).doesNotContainKey("PORT");
    assertThat(definition.endpoints().getFirst().routes())
        .containsExactly(new EnvironmentDefinition.PathRoute("/", false, name + "-web"));
  }

  @Test
  @Tag("BLD-11")
  void an_unchanged_image_is_not_rolled() throws Exception {
    deploy(ONE);
    var before = rack.await(name, d -> d.current().size() == 2).current();
    try (var _ =
        new PlayedBuilder(
            platform,
            _ -> Platform.built("shop@sha256:1111", Map.of("web", "run", "worker", "work")))) {
      var followed = platform.follow(platform.push(stack, TWO).id());
      assertThat(followed.outcome().state()).isEqualTo("live");
      assertThat(followed.lines()).anyMatch(line -> line.contains("Nothing changed"));
    }
    assertThat(rack.heard.stream().filter(this::isOurs).toList().getLast())
        .isInstanceOfSatisfying(
            RackMessage.Definition.class,
            last -> assertThat(last.environment().current()).isEqualTo(before));
  }

  @Test
  @Tag("DEP-12")
  void a_crashing_instance_fails_the_deployment_with_its_last_lines_and_traffic_stays()
      throws Exception {
    deploy(ONE);
    var before = rack.await(name, d -> d.current().size() == 2).current();
    rack.behave((set, id) -> crashed(set, id, 1, 2));

    var followed = deploy(TWO);

    assertThat(followed.outcome().state()).isEqualTo("failed");
    assertThat(followed.outcome().failure()).isNotNull();
    assertThat(followed.lines())
        .contains("       boom", " !     web crashed with exit code 1 after 3 s (3 times)")
        .anyMatch(line -> line.startsWith(" !     Try: "));
    var after =
        rack.await(name, d -> d.candidate().isEmpty() && d.revision() > lastWithCandidates());
    assertThat(after.current()).isEqualTo(before);
    assertThat(projection().commit()).isEqualTo(ONE);
    assertThat(projection().keep()).extracting(GitWire.Kept::commit).containsExactly(ONE);
  }

  private boolean isOurs(RackMessage message) {
    return message instanceof RackMessage.Definition(var d) && d.name().equals(name);
  }

  private long lastWithCandidates() {
    return rack.heard.stream()
        .filter(
            message ->
                isOurs(message)
                    && message instanceof RackMessage.Definition(var d)
                    && !d.candidate().isEmpty())
        .mapToLong(message -> ((RackMessage.Definition) message).environment().revision())
        .max()
        .orElseThrow();
  }

  private static RackReport.Instance crashed(InstanceSet set, String id, int code, int restarts) {
    return new RackReport.Instance(
        id,
        set.id(),
        State.CRASHED,
        Instant.now(),
        restarts,
        code,
        false,
        3_400L,
        null,
        "c",
        null,
        List.of(),
        List.of("boom"),
        0,
        0);
  }

  private GitWire.Projection projection() {
    return platform
        .client(Platform.GATEWAY)
        .get(Route.GIT_PROJECTIONS.path() + "?after=0", GitWire.Projections.class)
        .stacks()
        .stream()
        .filter(projection -> projection.stackId().equals(stack))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_failed_build_says_why() {
    try (var _ =
        new PlayedBuilder(
            platform,
            _ ->
                new BuildWire.Failed(
                    new Cause(
                        "build-failed", "npm ci failed", List.of("E404"), "mend package.json")))) {
      var followed = platform.follow(platform.push(stack, ONE).id());
      assertThat(followed.outcome().state()).isEqualTo("failed");
      assertThat(followed.lines())
          .endsWith("       E404", " !     npm ci failed", " !     Try: mend package.json");
    }
  }

  @Test
  @Tag("DEP-5")
  void a_queued_push_that_a_newer_one_overtakes_is_superseded() throws Exception {
    var go = new CountDownLatch(1);
    try (var builder =
        new PlayedBuilder(
            platform,
            job -> {
              await(go);
              return Platform.built(
                  "shop@sha256:" + job.commit().substring(0, 4), Map.of("web", "run"));
            })) {
      var first = platform.push(stack, ONE);
      builder.awaitJob();
      var second = platform.push(stack, TWO);
      var third = platform.push(stack, "3".repeat(40));
      assertThat(platform.follow(second.id()).outcome().state()).isEqualTo("superseded");
      go.countDown();
      assertThat(platform.follow(first.id()).outcome().state()).isEqualTo("live");
      assertThat(platform.follow(third.id()).outcome().state()).isEqualTo("live");
      assertThat(projection().commit()).isEqualTo("3".repeat(40));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @Tag("DEP-13")
  void a_controller_killed_while_instances_start_finishes_the_deployment_after_its_restart()
      throws Exception {
    rack.behave((set, id) -> PlayedRack.instance(set, id, State.STARTING));
    try (var _ = builder()) {
      var id = platform.push(stack, ONE).id();
      rack.await(name, d -> !d.candidate().isEmpty());

      platform.restart();
      rack.behave(PlayedRack.READY);

      assertThat(platform.follow(id).outcome().state()).isEqualTo("live");
    }
  }

  @Test
  void the_same_push_asked_twice_is_one_deployment() {
    var push =
        new GitWire.Push(
            "0b7c3a86-6f3a-4c6c-9b8c-0d4f3f0a1b2c",
            stack,
            platform.actor().accountId(),
            null,
            ONE,
            false,
            false,
            GitWire.Choices.NONE,
            null,
            null);
    var gateway = platform.client(Platform.GATEWAY);
    var first = gateway.send("POST", Route.GIT_PUSH.path(), push, DeploymentView.class);
    var again = gateway.send("POST", Route.GIT_PUSH.path(), push, DeploymentView.class);
    assertThat(again).isEqualTo(first);
  }

  @Test
  @Tag("DEP-11")
  void a_rollback_brings_back_image_commands_and_configuration_without_a_build() throws Exception {
    deploy(ONE);
    set(Map.of("COLOUR", "blue"));
    deploy(TWO);

    var followed = platform.follow(rollback(0).id());

    assertThat(followed.outcome().state()).isEqualTo("live");
    assertThat(followed.outcome().commit()).isEqualTo(ONE);
    assertThat(followed.outcome().image()).isEqualTo("shop@sha256:1111");
    assertThat(config().entries()).isEmpty();
    assertThat(projection().commit()).isEqualTo(ONE);
  }

  @Test
  @Tag("DEP-11")
  void the_last_20_live_deployments_can_be_rolled_back_to_and_no_older_one() {
    try (var _ = builder()) {
      for (var version = 0; version < 22; version++) {
        var push = platform.push(stack, "%04d".formatted(version).repeat(10));
        assertThat(platform.follow(push.id()).outcome().state()).isEqualTo("live");
      }
    }
    assertThat(projection().keep()).hasSize(20);

    assertThatThrownBy(() -> rollback(1))
        .isInstanceOfSatisfying(
            ApiException.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(409);
              assertThat(refused.problem().code()).isEqualTo("not-kept");
              assertThat(refused.problem().message())
                  .isEqualTo("v1 is not one of the last 20 that were live");
            });
    var back = platform.follow(rollback(2).id()).outcome();
    assertThat(back.state()).isEqualTo("live");
    assertThat(back.image()).isEqualTo("shop@sha256:0002");
  }

  private DeploymentView rollback(int version) {
    return platform
        .admin()
        .send(
            "POST",
            Route.ROLLBACK.with(name, name),
            new Views.Rollback(version),
            DeploymentView.class);
  }

  private Views.ConfigChanged set(Map<String, String> values) {
    var changed =
        platform
            .admin()
            .send(
                "PATCH",
                Route.CHANGE_CONFIG.with(name, name),
                new Views.ChangeConfig(values, null, null, null),
                Views.ConfigChanged.class);
    if (changed.deployment() != null) {
      assertThat(platform.follow(changed.deployment().id()).outcome().state()).isEqualTo("live");
    }
    return changed;
  }

  private Views.Config config() {
    return platform.admin().get(Route.GET_CONFIG.with(name, name), Views.Config.class);
  }

  @Test
  @Tag("STK-3")
  void a_configuration_change_rolls_and_reaches_the_instances() throws Exception {
    assertThat(set(Map.of("COLOUR", "red")).deployment()).isNull();
    deploy(ONE);
    rack.await(name, d -> hasColour(d, "red"));

    assertThat(set(Map.of("COLOUR", "red")).changed()).isZero();
    assertThat(set(Map.of("COLOUR", "blue")).deployment()).isNotNull();

    rack.await(name, d -> hasColour(d, "blue"));
  }

  private static boolean hasColour(EnvironmentDefinition definition, String colour) {
    return definition.current().size() == 2
        && definition.current().stream()
            .allMatch(set -> colour.equals(set.spec().environment().get("COLOUR")));
  }

  @Test
  @Tag("DEP-8")
  void a_failing_release_command_keeps_the_old_deployment() throws Exception {
    deploy(ONE);
    rack.releaseExits(3);
    try (var _ =
        new PlayedBuilder(
            platform,
            _ ->
                new BuildWire.Built(
                    "buildpack",
                    "shop@sha256:2222",
                    "x",
                    List.of(),
                    List.of(new BuildWire.ProcessType("web", "run", null)),
                    "migrate",
                    0,
                    false))) {
      var followed = platform.follow(platform.push(stack, TWO).id());
      assertThat(followed.outcome().state()).isEqualTo("failed");
      assertThat(followed.lines())
          .contains(
              "-----> Releasing: migrate",
              "       migrating",
              " !     the release command failed with exit code 3: migrate");
    }
    assertThat(platform.deployment(name, 0).live()).isTrue();
  }

  @Test
  @Tag("SVC-3")
  void scaling_changes_the_number_of_instances_and_makes_no_deployment() throws Exception {
    deploy(ONE);

    var updated =
        update("web", new Views.UpdateService(3, null, null, null, null, null, null, null, null));

    assertThat(updated.deployment()).isNull();
    var scaled =
        rack.await(name, d -> d.current().size() == 2 && d.current().getFirst().count() == 3);
    assertThat(scaled.current().getLast().count()).isEqualTo(1);
  }

  @Test
  @Tag("SVC-2")
  void a_command_by_hand_relaunches_that_service_only() throws Exception {
    deploy(ONE);
    var before = rack.await(name, d -> d.current().size() == 2).current();

    var updated =
        update(
            "worker",
            new Views.UpdateService(null, "other", null, null, null, null, null, null, null));
    var deployment = updated.deployment();
    if (deployment == null) {
      throw new AssertionError("no deployment was made");
    }
    platform.follow(deployment.id());

    var after =
        rack.await(
            name,
            d ->
                d.current().size() == 2
                    && d.current().getLast().spec().command().getLast().equals("other"));
    assertThat(after.current().getFirst()).isEqualTo(before.getFirst());
    assertThat(after.current().getLast().id()).isNotEqualTo(before.getLast().id());
  }

  private Views.ServiceUpdated update(String service, Views.UpdateService wish) {
    return platform
        .admin()
        .send(
            "PATCH",
            Route.UPDATE_SERVICE.with(name, name, service),
            wish,
            Views.ServiceUpdated.class);
  }

  private static Views.UpdateService readyAfter(int seconds) {
    return new Views.UpdateService(null, null, null, null, null, null, null, null, seconds);
  }

  @Test
  @Tag("SVC-6")
  void a_worker_that_is_ready_after_ten_minutes_has_ten_minutes_more() throws Exception {
    deploy(ONE);
    rack.behave((set, id) -> PlayedRack.instance(set, id, State.STARTING));

    var updated = update("worker", readyAfter(600));

    var candidate = rack.await(name, DeploymentTest::startsTheSecond).candidate();
    assertThat(candidate).extracting(InstanceSet::service).containsExactly("worker");
    assertThat(candidate.getFirst().spec().readiness().aliveSeconds()).isEqualTo(600);
    assertThat(updated.service().readyAfterSeconds()).isEqualTo(600);
    var left =
        platform.read(
            "SELECT extract(epoch FROM deadline - state_since)::int FROM deployment d JOIN stack s"
                + " ON s.id = d.stack WHERE d.state = 'preparing' AND s.name = '%s'"
                    .formatted(name));
    assertThat(left).isEqualTo("720");
  }

  private static boolean startsTheSecond(EnvironmentDefinition definition) {
    return definition.candidate().stream().anyMatch(set -> set.deployment().equals("v1"));
  }

  @Test
  @Tag("SVC-6")
  void ready_after_is_between_1_s_and_10_min_and_for_what_has_no_port() {
    deploy(ONE);
    assertThat(platform.admin().get(Route.LIST_SERVICES.with(name), Views.Service[].class))
        .extracting(Views.Service::readyAfterSeconds)
        .containsExactly(null, 1);

    for (var seconds : List.of(0, 601, Integer.MAX_VALUE)) {
      assertThatThrownBy(() -> update("worker", readyAfter(seconds)))
          .hasMessageContaining("ready-after must be between 1 and 600, not " + seconds);
    }
    assertThatThrownBy(() -> update("web", readyAfter(5)))
        .isInstanceOfSatisfying(
            ApiException.class,
            refused -> {
              assertThat(refused.problem().code()).isEqualTo("ready-after-with-port");
              assertThat(refused.problem().message())
                  .isEqualTo("web has a port: it is ready once that answers, not after a time");
            });
  }

  @Test
  @Tag("DEP-4")
  void a_deployment_can_be_cancelled_while_it_starts() throws Exception {
    rack.behave((set, id) -> PlayedRack.instance(set, id, State.STARTING));
    try (var _ = builder()) {
      var id = platform.push(stack, ONE).id();
      rack.await(name, d -> !d.candidate().isEmpty());
      platform
          .admin()
          .send(
              "POST",
              Route.CANCEL_DEPLOYMENT.with(name, name, "v0"),
              Map.of(),
              DeploymentView.class);
      assertThat(platform.follow(id).outcome().state()).isEqualTo("cancelled");
    }
  }

  @Test
  @Tag("ENV-3")
  void a_deleted_environment_is_gone_once_the_rack_cleared_it() throws Exception {
    deploy(ONE);

    platform.admin().delete(Route.DELETE_ENVIRONMENT.with(name));

    var id = rack.await(name, EnvironmentDefinition::deleted).id();
    rack.awaitMessage(_ -> !lastInventory().contains(id));
    assertThatThrownBy(() -> platform.deployment(name, 0)).isInstanceOf(ApiException.class);
    platform.stack(name);
  }

  private List<String> lastInventory() {
    return rack.heard.reversed().stream()
        .filter(RackMessage.Inventory.class::isInstance)
        .map(RackMessage.Inventory.class::cast)
        .findFirst()
        .orElseThrow()
        .environments();
  }

  @Test
  void a_lost_builder_gets_a_second_chance_and_no_third() throws Exception {
    var id = platform.push(stack, ONE).id();
    claim("b9-1");
    expireLease(id);
    assertThat(claim("b9-2").deployment()).isEqualTo(id);
    expireLease(id);

    var followed = platform.follow(id);

    assertThat(followed.outcome().state()).isEqualTo("failed");
    assertThat(followed.lines()).contains(" !     the builder was lost twice during this build");
  }

  @Test
  void the_result_of_a_claim_that_was_lost_is_not_taken() throws Exception {
    var id = platform.push(stack, ONE).id();
    claim("b9-1");
    expireLease(id);
    assertThat(claim("b9-2").deployment()).isEqualTo(id);
    var stopped =
        new BuildWire.Failed(
            new Cause("refused", "the build was stopped", List.of(), "push again"));

    assertThat(report(id, "b9-1", stopped).cancelled()).isTrue();
    assertThat(platform.deployment(name, 0).state()).isEqualTo("building");
    assertThat(report(id, "b9-2", Platform.built("a@sha256:1", Map.of("web", "run"))).cancelled())
        .isFalse();
    assertThat(platform.follow(id).outcome().state()).isEqualTo("live");
  }

  private BuildWire.Lease report(String id, String builder, BuildWire.Result result) {
    return platform
        .client(Platform.BUILDER)
        .send(
            "POST",
            Route.BUILD_RESULT.with(id) + "?builder=" + builder,
            result,
            BuildWire.Lease.class);
  }

  private BuildWire.Job claim(String builder) {
    return platform
        .client(Platform.BUILDER)
        .ask(
            "POST",
            Route.CLAIM_BUILD.path(),
            new BuildWire.Claim(builder, "ready"),
            BuildWire.Job.class)
        .orElseThrow();
  }

  private void expireLease(String id) throws SQLException {
    platform.sql("UPDATE deployment SET lease = now() - interval '1 s' WHERE id = '" + id + "'");
  }

  @Test
  void a_second_controller_on_the_same_database_does_not_start() {
    var began = System.nanoTime();
    assertThatThrownBy(() -> Controller.start(platform.config(0)))
        .hasMessageContaining("another controller is active on this database");
    // Of them five for a predecessor that is just ending.
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    assertThat(platform.admin().get(Route.WHOAMI.path(), Views.Account.class).admin()).isTrue();
  }

  @Test
  void instances_are_listed_as_the_rack_sees_them() {
    deploy(ONE);
    var services = platform.admin().get(Route.LIST_SERVICES.with(name), Views.Service[].class);
    assertThat(services).extracting(Views.Service::name).containsExactly("web", "worker");
    assertThat(services[0].url()).isEqualTo(url());
    assertThat(services[0].instances())
        .singleElement()
        .satisfies(
            instance -> {
              assertThat(instance.name()).isEqualTo("web.1");
              assertThat(instance.status()).isEqualTo("ready");
              assertThat(instance.deployment()).isEqualTo("v0");
            });
  }

  @Test
  @Tag("LOG-1")
  void log_lines_are_passed_on_from_the_rack() throws Exception {
    var asked =
        CompletableFuture.supplyAsync(() -> read(Route.LOGS.with(name) + "?since=60&service=web"));

    var question = (RackMessage.Logs) rack.awaitMessage(RackMessage.Logs.class::isInstance);
    assertThat(question.service()).isEqualTo("web");
    rack.client()
        .post(
            Route.RACK_ANSWER.with(question.question()),
            BodyPublishers.ofString("{\"text\":\"hello\"}\n"));

    assertThat(asked.get(10, TimeUnit.SECONDS)).isEqualTo("{\"text\":\"hello\"}\n");
  }

  private String read(String path) {
    try (var lines = platform.admin().stream(path)) {
      return new String(lines.readAllBytes(), StandardCharsets.UTF_8);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
