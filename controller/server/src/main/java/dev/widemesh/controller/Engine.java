package dev.widemesh.controller;

import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.api.rack.RackReport.EnvironmentReport;
import dev.widemesh.model.DeploymentState;
import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Failpoint;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings every deployment to an end. Each step compares its row with what racks and builders last
/// said, whatever happened before: after a kill it simply goes on.
final class Engine {
  private static final Logger log = LoggerFactory.getLogger(Engine.class);
  private static final Duration BUSY = Duration.ofSeconds(1);
  private static final Duration IDLE = Duration.ofSeconds(5);
  private static final Duration QUEUE = Duration.ofHours(1);
  private static final Duration ROUTING = Duration.ofSeconds(10);
  private static final Duration SWEEP = Duration.ofSeconds(30);

  private final Database database;
  private final Signals signals;
  private final Sightings sightings;
  private final Rollout rollout;
  private final Definitions definitions;
  private final ControllerConfig config;
  private final InstantSource clock;
  private final Map<String, Instant> misplaced = new HashMap<>();
  private final Set<String> ready = new HashSet<>();
  private final SignatureLooks looks;
  private final Set<String> unsigned = new HashSet<>();
  private final Map<UUID, Duration> patience = new HashMap<>();
  private Instant swept = Instant.EPOCH;
  private boolean closed;

  Engine(
      Database database,
      Signals signals,
      Sightings sightings,
      Rollout rollout,
      Definitions definitions,
      SignatureLooks looks,
      ControllerConfig config,
      InstantSource clock) {
    this.looks = looks;
    this.database = database;
    this.signals = signals;
    this.sightings = sightings;
    this.rollout = rollout;
    this.definitions = definitions;
    this.config = config;
    this.clock = clock;
  }

  void close() {
    closed = true;
    signals.fire(Signals.ENGINE);
  }

  void run() {
    while (!closed) {
      var signal = signals.next(Signals.ENGINE);
      var busy = true;
      try {
        busy = step();
      } catch (Waiting.Stopped _) {
        return;
      } catch (RuntimeException e) {
        log.warn("the engine's step failed, it will be tried again: {}", e.toString());
      }
      if (!rest(signal, busy ? BUSY : IDLE)) {
        return;
      }
    }
  }

  // While the controller stops, its context no longer lets anybody wait.
  private boolean rest(Future<Void> signal, Duration atMost) {
    try {
      Signals.await(signal, atMost);
      return true;
    } catch (RuntimeException e) {
      if (!closed) {
        log.error("the engine stopped; start the controller again", e);
      }
      return false;
    }
  }

  private boolean step() {
    var open =
        database.call(
            tx ->
                tx.list(
                    Deployment::of,
                    Deployment.SELECT
                        + " WHERE NOT d.announced AND NOT e.deleted"
                        + " ORDER BY d.created, d.version LIMIT 1000"));
    looks.keepOnly(open.stream().map(Deployment::id).collect(Collectors.toSet()));
    open.forEach(this::advanceAlone);
    if (open.isEmpty()) {
      misplaced.clear();
      ready.clear();
      unsigned.clear();
      patience.clear();
    }
    if (swept.plus(SWEEP).isBefore(clock.instant())) {
      swept = clock.instant();
      signals.fireAll();
    }
    return !open.isEmpty();
  }

  // Trouble with one deployment never delays another.
  private void advanceAlone(Deployment deployment) {
    try {
      advance(deployment);
    } catch (DatabaseSilent | Waiting.Stopped e) {
      throw e;
    } catch (RuntimeException e) {
      log.error("cannot advance {} of {}", deployment.label(), deployment.stack(), e);
    }
  }

  private void advance(Deployment deployment) {
    if (deployment.cancel() && !deployment.state().isFinal()) {
      cancel(deployment);
      return;
    }
    switch (deployment.state()) {
      case QUEUED -> queued(deployment);
      case BUILDING -> building(deployment);
      case RELEASING -> releasing(deployment);
      case PREPARING -> preparing(deployment);
      case LIVE -> live(deployment);
      case FAILED, CANCELLED, SUPERSEDED -> {}
    }
  }

  private void cancel(Deployment deployment) {
    act(
        deployment,
        tx -> {
          Output.add(tx, deployment.id(), deployment.state(), Draft.refusal("Cancelled"));
          Transitions.end(tx, deployment, DeploymentState.CANCELLED, clock.instant(), null);
        });
  }

  private void queued(Deployment deployment) {
    if (deployment.isBuilt()) {
      if (deployment.created().plus(QUEUE).isBefore(clock.instant())) {
        fail(
            deployment,
            new Diagnosis.Platform(
                "no builder took it for an hour",
                List.of(),
                "look at ./widemesh status, push again"));
      }
      return; // A builder claims it.
    }
    act(
        deployment,
        Failpoint.ROLLOUT_BEGUN,
        tx -> {
          if (isNext(tx, deployment)) {
            rollout.begin(tx, deployment);
          }
        });
  }

  private static boolean isNext(Tx tx, Deployment deployment) {
    return tx.one(
            """
            SELECT 1 FROM deployment
             WHERE stack = $1 AND id <> $2 AND NOT (state = 'queued' AND version > $3)
               AND state IN ('queued', 'building', 'releasing', 'preparing')
            """,
            deployment.stackId(),
            deployment.id(),
            deployment.version())
        .isEmpty();
  }

  private void building(Deployment deployment) {
    var now = clock.instant();
    var deadline = deployment.deadline();
    var lease = deployment.lease();
    if (deadline != null && now.isAfter(deadline)) {
      fail(
          deployment,
          new Diagnosis.TimedOut("the build", BuildDesk.DEADLINE.toSeconds(), List.of()));
    } else if (lease != null && now.isAfter(lease)) {
      lost(deployment, now);
    }
  }

  // Once it may be the builder's restart; twice it is the build that kills it.
  private void lost(Deployment deployment, Instant now) {
    if (deployment.retries() > 0) {
      fail(
          deployment,
          new Diagnosis.Platform(
              "the builder was lost twice during this build",
              List.of(),
              "look at the builder's log, then push again"));
      return;
    }
    act(
        deployment,
        tx -> {
          if (Transitions.move(tx, deployment, DeploymentState.QUEUED, now, null)) {
            tx.change("UPDATE deployment SET retries = 1 WHERE id = $1", deployment.id());
            Output.add(
                tx,
                deployment.id(),
                DeploymentState.BUILDING,
                Draft.detail("The builder went away; it is built again"));
          }
        });
    signals.fire(Signals.BUILDS);
  }

  private void releasing(Deployment deployment) {
    var built = deployment.built();
    var command = built == null || built.releaseCommand() == null ? "" : built.releaseCommand();
    var job = deployment.id().toString();
    var facts = facts(deployment);
    decide(deployment, facts, RolloutPlan.releasing(facts, job, command, spec(deployment)));
  }

  private InstanceSpec spec(Deployment deployment) {
    return database.call(
        tx ->
            definitions.open(
                tx.one("SELECT job FROM deployment WHERE id = $1", deployment.id())
                    .orElseThrow()
                    .getBuffer(0),
                deployment.id(),
                "(release)"));
  }

  private void preparing(Deployment deployment) {
    var candidates = database.call(tx -> definitions.candidates(tx, deployment));
    watch(deployment, candidates);
    var facts = facts(deployment);
    decide(deployment, facts, RolloutPlan.preparing(facts, candidates));
  }

  private RolloutPlan.Facts facts(Deployment deployment) {
    var now = clock.instant();
    var deadline = deployment.deadline();
    return new RolloutPlan.Facts(
        now,
        deployment.since(),
        deadline == null ? now.plus(config.readyWithin()) : deadline,
        deployment.rack(),
        sightings.isConnected(deployment.rack()),
        sightings
            .environment(deployment.environmentId())
            .filter(report -> report.revision() >= deployment.revision()),
        Map.copyOf(misplaced),
        looks.of(deployment.id()));
  }

  private void decide(Deployment deployment, RolloutPlan.Facts facts, RolloutPlan.Step step) {
    switch (step) {
      case RolloutPlan.Step.Wait _ -> {}
      case RolloutPlan.Step.AwaitSignature(var what, var image) ->
          awaitSignature(deployment, facts, what, image);
      case RolloutPlan.Step.Prepare _ ->
          act(
              deployment,
              Failpoint.PREPARED,
              tx -> rollout.prepare(tx, deployment, released(deployment, facts)));
      case RolloutPlan.Step.Commit _ -> {
        Failpoint.COMMITTING.pass();
        act(deployment, Failpoint.COMMITTED, tx -> rollout.commit(tx, deployment));
      }
      case RolloutPlan.Step.Fail(var diagnosis) -> fail(deployment, diagnosis);
    }
  }

  /// Its time to start begins when it may start. What keeps it from that is said once.
  private void awaitSignature(
      Deployment deployment, RolloutPlan.Facts facts, String what, String image) {
    looks.ask(deployment.id(), image);
    var time =
        patience.computeIfAbsent(
            deployment.id(), _ -> Duration.between(facts.since(), facts.deadline()));
    if (facts.deadline().isBefore(facts.now().plus(time).minus(BUSY))) {
      var deadline = facts.now().plus(time);
      database.run(tx -> Transitions.wait(tx, deployment, deadline));
    }
    facts
        .look()
        .flatMap(look -> words(what, look))
        .filter(words -> unsigned.add(deployment.id() + words))
        .map(Draft::detail)
        .ifPresent(
            line ->
                act(deployment, tx -> Output.add(tx, deployment.id(), deployment.state(), line)));
  }

  private static Optional<String> words(String what, SignatureLook look) {
    return switch (look) {
      case SignatureLook.Asked _, SignatureLook.Unknown _ -> Optional.empty();
      case SignatureLook.Signed _ ->
          Optional.of(what + " waits: its image was not signed, and is now");
      case SignatureLook.Stuck(_, _, var why) ->
          Optional.of(what + " waits: its image is not signed, and cannot be for now: " + why);
    };
  }

  private static List<String> released(Deployment deployment, RolloutPlan.Facts facts) {
    return facts.report().stream()
        .flatMap(report -> report.jobs().stream())
        .filter(job -> job.id().equals(deployment.id().toString()))
        .flatMap(job -> job.lastLines().stream())
        .toList();
  }

  /// Says once of each instance that it is ready, and notes since when one listens where nobody
  /// reaches it.
  private void watch(Deployment deployment, List<InstanceSet> candidates) {
    var report = facts(deployment).report();
    var lines = new ArrayList<Draft>();
    for (var set : candidates) {
      for (var instance : report.map(EnvironmentReport::instances).orElse(List.of())) {
        if (!instance.set().equals(set.id())) {
          continue;
        }
        if (Diagnose.isReady(instance) && ready.add(instance.id())) {
          lines.add(Draft.detail(readyLine(deployment, set, instance.id(), instance.since())));
        }
        if (Listening.misplaced(set, instance).isPresent()) {
          misplaced.putIfAbsent(instance.id(), clock.instant());
        } else {
          misplaced.remove(instance.id());
        }
      }
    }
    if (!lines.isEmpty()) {
      act(deployment, tx -> Output.add(tx, deployment.id(), DeploymentState.PREPARING, lines));
    }
  }

  private static String readyLine(
      Deployment deployment, InstanceSet set, String instance, Instant at) {
    var index = instance.substring(instance.lastIndexOf('-') + 1);
    var millis = Math.max(0, Duration.between(deployment.since(), at).toMillis());
    return String.format(
        java.util.Locale.ROOT, "%s.%s ready in %.1f s", set.service(), index, millis / 1_000.0);
  }

  /// Live is said only once every live router sends to the new instances.
  private void live(Deployment deployment) {
    var liveAt = deployment.liveAt();
    var report = sightings.environment(deployment.environmentId());
    var routed = report.filter(seen -> seen.routed() >= deployment.revision()).isPresent();
    var late = liveAt != null && liveAt.plus(ROUTING).isBefore(clock.instant());
    if (!routed && !late && deployment.live()) {
      return;
    }
    act(
        deployment,
        Failpoint.ANNOUNCED,
        tx -> {
          var lines = new ArrayList<Draft>();
          if (!routed && late) {
            lines.add(
                Draft.detail(
                    "The rack '%s' is behind: it takes this up when it answers again"
                        .formatted(deployment.rack())));
          }
          var host = deployment.host();
          lines.add(
              Draft.step(
                  "Live: " + deployment.label() + (host == null ? "" : " at " + config.url(host))));
          if (tx.change(
                  "UPDATE deployment SET announced = true WHERE id = $1 AND NOT announced",
                  deployment.id())
              == 1) {
            Output.add(tx, deployment.id(), DeploymentState.LIVE, lines);
          }
        });
  }

  private void fail(Deployment deployment, Diagnosis diagnosis) {
    act(deployment, Failpoint.ROLLOUT_FAILED, tx -> rollout.fail(tx, deployment, diagnosis));
  }

  private void act(Deployment deployment, java.util.function.Consumer<Tx> work) {
    database.run(work);
    changed(deployment.id(), deployment.rack());
  }

  private void act(Deployment deployment, Failpoint then, java.util.function.Consumer<Tx> work) {
    database.run(work);
    then.pass();
    changed(deployment.id(), deployment.rack());
  }

  void changed(UUID deployment, String rack) {
    signals.fire(
        Signals.deployment(deployment), Signals.rack(rack), Signals.PROJECTIONS, Signals.ENGINE);
  }
}
