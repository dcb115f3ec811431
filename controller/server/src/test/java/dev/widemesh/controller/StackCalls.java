package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.GitWire;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/// What people ask of one stack, over the wire; every push has a commit and an image of its own.
record StackCalls(Platform platform, String name, String stack) {
  private static final AtomicInteger COMMITS = new AtomicInteger();

  /// In an environment of the same name.
  static StackCalls fresh(Platform platform, String name) {
    return new StackCalls(platform, name, platform.stack(name));
  }

  static String image(String commit) {
    return "shop@sha256:" + commit;
  }

  static BuildWire.Built built(String commit) {
    return Platform.built(image(commit), Map.of("web", "run"));
  }

  /// Builds as [#built]; the version is one that stays for a while in that state: as long as it
  /// builds until `go`, and it has a release command where that is the state.
  static BuildWire.Result build(BuildWire.Job job, int version, String state, CountDownLatch go) {
    var plain = built(job.commit());
    if (job.version() != version) {
      return plain;
    }
    if (state.equals("building")) {
      await(go);
    }
    return new BuildWire.Built(
        plain.formula(),
        plain.image(),
        plain.inputs(),
        plain.entrypoint(),
        plain.processes(),
        state.equals("releasing") ? "migrate" : null,
        plain.port(),
        false);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(40, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  DeploymentView push() {
    return platform.push(stack, "%040x".formatted(COMMITS.incrementAndGet()));
  }

  /// Its outcome, which is live.
  DeploymentView live(DeploymentView deployment) {
    return ends(deployment, "live");
  }

  DeploymentView ends(DeploymentView deployment, String state) {
    var outcome = platform.follow(deployment.id()).outcome();
    assertThat(outcome.state()).as(outcome.toString()).isEqualTo(state);
    return outcome;
  }

  Views.ConfigChanged set(Map<String, String> values) {
    return set(values, false);
  }

  Views.ConfigChanged set(Map<String, String> values, boolean secret) {
    return platform
        .admin()
        .send(
            "PATCH",
            Route.CHANGE_CONFIG.with(name, name),
            new Views.ChangeConfig(values, null, secret, null),
            Views.ConfigChanged.class);
  }

  Views.ServiceUpdated scale(int instances) {
    return update(
        new Views.UpdateService(instances, null, null, null, null, null, null, null, null));
  }

  Views.ServiceUpdated command(String line) {
    return update(new Views.UpdateService(null, line, null, null, null, null, null, null, null));
  }

  private Views.ServiceUpdated update(Views.UpdateService wish) {
    var path = Route.UPDATE_SERVICE.with(name, name, "web");
    return platform.admin().send("PATCH", path, wish, Views.ServiceUpdated.class);
  }

  DeploymentView rollback(int version) {
    return platform
        .admin()
        .send(
            "POST",
            Route.ROLLBACK.with(name, name),
            new Views.Rollback(version),
            DeploymentView.class);
  }

  void cancel(DeploymentView deployment) {
    var path = Route.CANCEL_DEPLOYMENT.with(name, name, "v" + deployment.version());
    var _ = platform.admin().send("POST", path, Map.of(), DeploymentView.class);
  }

  List<DeploymentView> deployments() {
    return List.of(
        platform.admin().get(Route.LIST_DEPLOYMENTS.with(name, name), DeploymentView[].class));
  }

  Map<String, String> config() {
    return entries().stream()
        .collect(Collectors.toMap(Views.ConfigEntry::name, Views.ConfigEntry::value));
  }

  List<Views.ConfigEntry> entries() {
    var path = Route.GET_CONFIG.with(name, name);
    return platform.admin().get(path, Views.Config.class).entries();
  }

  Views.Service service() {
    var path = Route.LIST_SERVICES.with(name);
    return List.of(platform.admin().get(path, Views.Service[].class)).getFirst();
  }

  String branch() {
    return platform
        .client(Platform.GATEWAY)
        .get(Route.GIT_PROJECTIONS.path() + "?after=0", GitWire.Projections.class)
        .stacks()
        .stream()
        .filter(projection -> projection.stackId().equals(stack))
        .findFirst()
        .map(GitWire.Projection::commit)
        .orElseThrow();
  }

  void awaitState(DeploymentView deployment, String state) {
    var deadline = Instant.now().plusSeconds(20);
    while (!platform.deployment(name, deployment.version()).state().equals(state)) {
      assertThat(Instant.now()).as("until it is " + state).isBefore(deadline);
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }
}
