package dev.widemesh.controller;

import static dev.widemesh.controller.Tokens.at;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Json;
import dev.widemesh.model.DeploymentState;
import dev.widemesh.model.Failpoint;
import dev.widemesh.model.ImageReference;
import dev.widemesh.model.Sealer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Hands out builds with a lease, and takes what they print and how they end.
final class BuildDesk {
  /// The last resort: a builder has a limit of its own, and tells more when it is reached.
  static final Duration DEADLINE = Duration.ofHours(2);

  private static final Duration LEASE = Duration.ofSeconds(30);
  // One that lives renews every five seconds.
  private static final Duration ALIVE = Duration.ofSeconds(12);
  private static final Duration PATIENCE = Duration.ofSeconds(25);
  private static final int LINES = 20_000;

  private final Database database;
  private final Signals signals;
  private final Sightings sightings;
  private final Rollout rollout;
  private final Engine engine;
  private final Sealer sealer;
  private final Registries registries;
  private final InstantSource clock;

  BuildDesk(
      Database database,
      Signals signals,
      Sightings sightings,
      Rollout rollout,
      Engine engine,
      Sealer sealer,
      Registries registries,
      InstantSource clock) {
    this.database = database;
    this.signals = signals;
    this.sightings = sightings;
    this.rollout = rollout;
    this.engine = engine;
    this.sealer = sealer;
    this.registries = registries;
    this.clock = clock;
  }

  Answer claim(Call call) {
    var claim = call.body(BuildWire.Claim.class);
    var deadline = clock.instant().plus(PATIENCE);
    while (!call.isGone()) {
      sightings.builderSaid(claim.state());
      var signal = signals.next(Signals.BUILDS);
      var job = database.call(tx -> next(tx, claim.builder()));
      if (job.isPresent()) {
        Failpoint.BUILD_LEASED.pass();
        signals.fire(Signals.deployment(UUID.fromString(job.get().deployment())));
        return Answer.of(job.get());
      }
      var left = Duration.between(clock.instant(), deadline);
      if (!left.isPositive()) {
        break;
      }
      Signals.await(
          signal, left.compareTo(Duration.ofSeconds(5)) < 0 ? left : Duration.ofSeconds(5));
    }
    return Answer.nothing();
  }

  /// The oldest that is first in its stack's queue; two builders never get the same.
  private Optional<BuildWire.Job> next(Tx tx, String builder) {
    var found =
        tx.one(
            """
            SELECT d.id FROM deployment d
             WHERE d.state = 'queued' AND d.cause IN ('push', 'upload', 'image') AND NOT d.cancel
               AND NOT EXISTS (
                     SELECT 1 FROM deployment o
                      WHERE o.stack = d.stack AND o.id <> d.id
                        AND (o.state IN ('building', 'releasing', 'preparing')
                             OR (o.state = 'queued' AND o.version < d.version)))
             ORDER BY d.created LIMIT 1
               FOR UPDATE SKIP LOCKED
            """);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var id = found.get().getUUID(0);
    var queued = Deployments.row(tx, id);
    var now = clock.instant();
    if (!Transitions.move(tx, queued, DeploymentState.BUILDING, now, now.plus(DEADLINE))) {
      return Optional.empty();
    }
    tx.change(
        "UPDATE deployment SET owner = $2, lease = $3 WHERE id = $1",
        id,
        builder,
        at(now.plus(LEASE)));
    var logins = registries.logins(tx, queued.stackId());
    var tip = GitDesk.shown(tx, queued.stackId());
    var settings = settings(tx, queued.stackId());
    var recipe = Recipe.settle(tx, id);
    return Optional.of(job(queued, recipe, tip, live(tx, queued), settings, logins));
  }

  private static Optional<Deployment> live(Tx tx, Deployment queued) {
    var live = queued.liveNow();
    return live == null ? Optional.empty() : Deployments.find(tx, live);
  }

  /// A build prints, and its layers are there to be read: nothing secret.
  private Map<String, String> settings(Tx tx, UUID stack) {
    var version = tx.one("SELECT config_version FROM stack WHERE id = $1", stack);
    return version
        .map(row -> Configuration.read(tx, sealer, stack, row.getInteger(0)).open())
        .orElse(Map.of());
  }

  private static BuildWire.Job job(
      Deployment queued,
      Recipe recipe,
      Optional<String> tip,
      Optional<Deployment> live,
      Map<String, String> settings,
      List<BuildWire.RegistryLogin> logins) {
    var commit = queued.commit();
    return new BuildWire.Job(
        queued.id().toString(),
        queued.stackId().toString(),
        queued.environment(),
        queued.stack(),
        queued.version(),
        commit == null ? "" : commit,
        recipe.root(),
        queued.origin(),
        recipe.formula(),
        recipe.dockerfile(),
        recipe.stage(),
        tip.orElse(null),
        queued.forced(),
        live.map(Deployment::built).orElse(null),
        settings,
        logins,
        recipe.buildpacks(),
        recipe.builder());
  }

  /// What steps of that build mount, and nobody else's: never the whole configuration.
  Answer secrets(Call call) {
    var id = call.id("id");
    var asked = call.body(BuildWire.SecretNames.class);
    return Answer.of(new BuildWire.SecretValues(database.call(tx -> secrets(tx, id, asked))));
  }

  private Map<String, String> secrets(Tx tx, UUID deployment, BuildWire.SecretNames asked) {
    var stack =
        tx.one(
                """
                SELECT s.id, s.config_version FROM deployment d JOIN stack s ON s.id = d.stack
                 WHERE d.id = $1 AND d.owner = $2 AND d.state = 'building' AND NOT d.cancel
                """,
                deployment,
                asked.builder())
            .orElseThrow(
                () ->
                    Refusal.conflict(
                        "claim-lost", "the build is not that builder's", "claim the next one"));
    return Configuration.read(tx, sealer, stack.getUUID(0), stack.getInteger(1))
        .secrets(asked.names());
  }

  /// Renews the lease; whoever lost it is told to stop.
  Answer output(Call call) {
    var id = call.id("id");
    var output = call.body(BuildWire.Output.class);
    if (output.lines().size() > LINES) {
      throw Refusal.bad("too-many-lines", "at most " + LINES + " lines at once", "send fewer");
    }
    var stop =
        database.call(
            tx -> {
              var renewed =
                  tx.one(
                      """
                      UPDATE deployment SET lease = $3
                       WHERE id = $1 AND owner = $2 AND state = 'building'
                      RETURNING cancel
                      """,
                      id,
                      output.builder(),
                      at(clock.instant().plus(LEASE)));
              if (renewed.isPresent()) {
                Output.add(tx, id, DeploymentState.BUILDING, output.lines());
              }
              return renewed.map(row -> row.getBoolean(0)).orElse(true);
            });
    sightings.builderSaid("building");
    signals.fire(Signals.deployment(id));
    return Answer.of(new BuildWire.Lease(stop));
  }

  /// A result that comes twice, too late, or of a claim that was lost, changes nothing.
  Answer result(Call call) {
    var id = call.id("id");
    var result = call.body(BuildWire.Result.class);
    var builder = call.query("builder");
    var taken = database.call(tx -> take(tx, id, builder, result));
    Failpoint.RESULT_STORED.pass();
    taken.ifPresent(deployment -> engine.changed(deployment.id(), deployment.rack()));
    signals.fire(Signals.BUILDS);
    return Answer.of(new BuildWire.Lease(taken.isEmpty()));
  }

  private Optional<Deployment> take(
      Tx tx, UUID id, Optional<String> builder, BuildWire.Result result) {
    tx.one("SELECT 1 FROM deployment WHERE id = $1 FOR UPDATE", id);
    var deployment = Deployments.find(tx, id);
    if (deployment.isEmpty()
        || deployment.get().state() != DeploymentState.BUILDING
        || deployment.get().cancel()
        || isOfAnother(builder, deployment.get())) {
      return Optional.empty();
    }
    switch (result) {
      case BuildWire.Built built -> built(tx, deployment.get(), built);
      case BuildWire.Failed failed -> rollout.fail(tx, deployment.get(), failed.cause());
    }
    return deployment;
  }

  // A builder of an earlier release does not say who it is.
  private static boolean isOfAnother(Optional<String> builder, Deployment deployment) {
    return builder.filter(name -> !name.equals(deployment.owner())).isPresent();
  }

  private void built(Tx tx, Deployment deployment, BuildWire.Built built) {
    tx.change("UPDATE deployment SET built = $2 WHERE id = $1", deployment.id(), Json.write(built));
    Recipe.keep(tx, deployment.id(), built.formula());
    if (deployment.origin() != null && built.origin() != null) {
      tx.change(
          "UPDATE deployment SET origin = $2 WHERE id = $1",
          deployment.id(),
          new ImageReference(deployment.origin()).pinnedTo(built.origin()).value());
    }
    rollout.begin(tx, Deployments.row(tx, deployment.id()));
  }

  Answer keptImages() {
    return Answer.of(database.call(BuildDesk::kept));
  }

  /// Of what can be rolled back to, and of what is on its way: the most urgent first.
  static List<String> kept(Tx tx) {
    return images(tx.list(row -> row.getString(0), Kept.IMAGES));
  }

  Answer rackImages(Call call) {
    var rack = call.parameter("rack");
    return Answer.of(
        images(database.call(tx -> tx.list(row -> row.getString(0), Kept.IMAGES_OF_RACK, rack))));
  }

  private static List<String> images(List<String> built) {
    return built.stream()
        .map(json -> Json.read(json, BuildWire.Built.class).image())
        .distinct()
        .toList();
  }

  /// Builders went on while this controller was away, or died with it.
  void extendLeases() {
    database.run(
        tx ->
            tx.change(
                "UPDATE deployment SET lease = $1 WHERE state = 'building'",
                at(clock.instant().plus(ALIVE))));
  }
}
