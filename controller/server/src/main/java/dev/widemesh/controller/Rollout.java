package dev.widemesh.controller;

import static dev.widemesh.controller.Tokens.at;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Cause;
import dev.widemesh.api.Json;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.model.DeploymentState;
import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Sealer;
import dev.widemesh.model.ServiceName;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What is done, each in one transaction, to bring a built deployment onto its rack.
// When changing this:
// - a stack has at most one deployment between `building` and `preparing` (an index sees to it)
// - what instances are is decided once, in `begin`, and never again
// - nothing that serves is touched before `commit`, and nothing after it can fail
final class Rollout {
  static final Duration RELEASING = Duration.ofSeconds(Definitions.RELEASE_SECONDS + 30);

  private final ControllerConfig config;
  private final Sealer sealer;
  private final Definitions definitions;
  private final InstantSource clock;

  Rollout(ControllerConfig config, Sealer sealer, Definitions definitions, InstantSource clock) {
    this.config = config;
    this.sealer = sealer;
    this.definitions = definitions;
    this.clock = clock;
  }

  /// Where what rolls comes from: the push's own build, what is live, or what was.
  private record Source(
      BuildWire.Built built,
      @Nullable String commit,
      boolean uploaded,
      int configVersion,
      Map<String, ServiceSettings> commands) {}

  private Optional<Source> source(Tx tx, Deployment deployment) {
    var settings =
        tx.one(
                "SELECT config_version, live FROM stack WHERE id = $1 FOR UPDATE",
                deployment.stackId())
            .orElseThrow();
    var version = settings.getInteger("config_version");
    if (deployment.built() != null) {
      return Optional.of(
          new Source(
              deployment.built(), deployment.commit(), deployment.uploaded(), version, Map.of()));
    }
    var target = deployment.target() == null ? settings.getUUID("live") : deployment.target();
    var from = target == null ? Optional.<Deployment>empty() : Deployments.find(tx, target);
    if (from.isEmpty() || from.get().built() == null) {
      return Optional.empty();
    }
    var back = deployment.target() != null;
    return Optional.of(
        new Source(
            from.get().built(),
            from.get().commit(),
            from.get().uploaded(),
            back ? from.get().configVersion() : version,
            back ? commands(tx, target) : Map.of()));
  }

  private static Map<String, ServiceSettings> commands(Tx tx, UUID deployment) {
    var commands = new HashMap<String, ServiceSettings>();
    for (var row :
        tx.rows(
            "SELECT service, command, command_by_hand FROM deployment_service WHERE deployment = $1",
            deployment)) {
      var name = row.getString(0);
      var was = ServiceSettings.defaults(name);
      commands.put(
          name,
          new ServiceSettings(
              name,
              Json.read(row.getString(1), Command.class),
              row.getBoolean(2),
              was.instances(),
              was.memoryBytes(),
              was.cpus(),
              was.pids(),
              was.port(),
              was.healthPath(),
              was.graceSeconds(),
              was.readyAfterSeconds()));
    }
    return commands;
  }

  /// From `queued` or `building` to `releasing` or `preparing`. Decides what its instances are.
  void begin(Tx tx, Deployment queued) {
    var found = source(tx, queued);
    if (found.isEmpty()) {
      fail(tx, queued, new Diagnosis.Outdated("what it goes back to is gone", "push again"));
      return;
    }
    var source = found.get();
    var place =
        new ServicePlan.Place(
            queued.environmentId(),
            queued.environment(),
            queued.stack(),
            queued.label(),
            source.commit(),
            "dockerfile".equals(source.built().formula()));
    var configuration =
        Configuration.read(tx, sealer, queued.stackId(), source.configVersion()).plain();
    var planned =
        ServicePlan.plan(
            place,
            source.built(),
            configuration,
            settings(tx, queued.stackId()),
            source.commands());
    var refusal = refusal(tx, queued, planned);
    if (refusal.isPresent()) {
      fail(tx, queued, refusal.get());
      return;
    }
    var release = queued.runsReleaseCommand() ? source.built().releaseCommand() : null;
    var next = release == null ? DeploymentState.PREPARING : DeploymentState.RELEASING;
    var now = clock.instant();
    var specs = planned.stream().map(ServicePlan.Planned::spec).toList();
    var deadline = now.plus(release == null ? patience(specs) : RELEASING);
    if (!Transitions.move(tx, queued, next, now, deadline)) {
      return;
    }
    tx.change(
        """
        UPDATE deployment SET built = $2, commit = $3, config_version = $4, job = $5, uploaded = $6
         WHERE id = $1
        """,
        queued.id(),
        Json.write(source.built()),
        source.commit(),
        source.configVersion(),
        release == null
            ? null
            : definitions.seal(
                ServicePlan.release(place, source.built(), release, configuration),
                queued.id(),
                "(release)"),
        source.uploaded());
    var fresh = write(tx, queued, planned);
    if (release != null) {
      Output.add(tx, queued.id(), next, Draft.step("Releasing: " + release));
    } else {
      announceStart(tx, queued.id(), fresh);
    }
    know(tx, queued);
  }

  private Duration patience(List<InstanceSpec> specs) {
    return config.readyWithin().plus(ServicePlan.atLeast(specs));
  }

  // The rack knows of the present state by this revision, or a later one.
  private static void know(Tx tx, Deployment deployment) {
    var revision = Counters.definition(tx, deployment.environmentId());
    tx.change("UPDATE deployment SET revision = $2 WHERE id = $1", deployment.id(), revision);
  }

  private static Map<String, ServiceSettings> settings(Tx tx, UUID stack) {
    var settings = new HashMap<String, ServiceSettings>();
    for (var row : tx.rows("SELECT * FROM service WHERE stack = $1", stack)) {
      settings.put(row.getString("name"), ServiceSettings.of(row));
    }
    return settings;
  }

  private static Optional<Diagnosis> refusal(
      Tx tx, Deployment deployment, List<ServicePlan.Planned> planned) {
    if (planned.isEmpty()) {
      return Optional.of(
          new Diagnosis.BuildFailed(
              "the app has no process to run",
              List.of(),
              "add a Procfile with a line web: <command>"));
    }
    for (var service : planned) {
      var words = ServiceName.refusal(service.service());
      if (words.isPresent()) {
        return Optional.of(
            new Diagnosis.BuildFailed(words.get(), List.of(), "rename it in the Procfile"));
      }
      var hostname = deployment.stack() + "-" + service.service();
      var taken = taken(tx, deployment, hostname);
      if (taken.isPresent()) {
        return Optional.of(
            new Diagnosis.BuildFailed(
                "the host name %s of service '%s' is that of another stack's service (%s)"
                    .formatted(hostname, service.service(), taken.get()),
                List.of(),
                "rename it in the Procfile"));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> taken(Tx tx, Deployment deployment, String hostname) {
    return tx.one(
            """
            SELECT s.name FROM service v JOIN stack s ON s.id = v.stack
             WHERE v.environment = $1 AND v.hostname = $2 AND v.stack <> $3
            """,
            deployment.environmentId(),
            hostname,
            deployment.stackId())
        .map(row -> row.getString(0));
  }

  /// Writes what each service is; answers the changed ones. One that did not change keeps the set
  /// that runs.
  private List<String> write(Tx tx, Deployment deployment, List<ServicePlan.Planned> planned) {
    var running = new HashMap<String, Row>();
    for (var row :
        tx.rows(
            """
            SELECT ds.* FROM deployment_service ds JOIN stack s ON s.live = ds.deployment
             WHERE s.id = $1
            """,
            deployment.stackId())) {
      running.put(row.getString("service"), row);
    }
    var changed = new ArrayList<String>();
    for (var service : planned) {
      var settings = makeService(tx, deployment, service);
      var same = running.get(service.service());
      if (same != null && same.getString("fingerprint").equals(service.fingerprint())) {
        keep(tx, deployment, service, same);
      } else {
        insert(tx, deployment, service);
        changed.add(service.service() + " (" + settings + ")");
      }
    }
    return changed;
  }

  private static int makeService(Tx tx, Deployment deployment, ServicePlan.Planned service) {
    tx.change(
        """
        INSERT INTO service (stack, environment, name, hostname, kind, presence)
        VALUES ($1, $2, $3, $4, $5, 'new') ON CONFLICT (stack, name) DO NOTHING
        """,
        deployment.stackId(),
        deployment.environmentId(),
        service.service(),
        deployment.stack() + "-" + service.service(),
        service.kind());
    return tx.one(
            "SELECT instances FROM service WHERE stack = $1 AND name = $2",
            deployment.stackId(),
            service.service())
        .orElseThrow()
        .getInteger(0);
  }

  private void keep(Tx tx, Deployment deployment, ServicePlan.Planned service, Row running) {
    var spec =
        definitions.open(
            running.getBuffer("spec"), running.getUUID("deployment"), service.service());
    insert(
        tx,
        deployment,
        service,
        running.getString("set_id"),
        running.getString("set_label"),
        definitions.seal(spec, deployment.id(), service.service()));
  }

  private void insert(Tx tx, Deployment deployment, ServicePlan.Planned service) {
    insert(
        tx,
        deployment,
        service,
        Fingerprint.setId(service.fingerprint(), deployment.id().toString()),
        deployment.label(),
        definitions.seal(service.spec(), deployment.id(), service.service()));
  }

  private static void insert(
      Tx tx,
      Deployment deployment,
      ServicePlan.Planned service,
      String setId,
      String label,
      io.vertx.core.buffer.Buffer spec) {
    tx.change(
        """
        INSERT INTO deployment_service
          (deployment, service, kind, command, command_by_hand, fingerprint, set_id, set_label, spec)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        deployment.id(),
        service.service(),
        service.kind(),
        Json.write(service.command()),
        service.byHand(),
        service.fingerprint(),
        setId,
        label,
        spec);
  }

  private static void announceStart(Tx tx, UUID deployment, List<String> changed) {
    var line =
        changed.isEmpty()
            ? "Nothing changed for the instances: they go on"
            : "Starting " + String.join(", ", changed);
    Output.add(tx, deployment, DeploymentState.PREPARING, Draft.step(line));
  }

  /// From `releasing` to `preparing`.
  void prepare(Tx tx, Deployment released, List<String> lines) {
    var now = clock.instant();
    var deadline = now.plus(patience(specs(tx, released)));
    if (!Transitions.move(tx, released, DeploymentState.PREPARING, now, deadline)) {
      return;
    }
    Output.add(
        tx, released.id(), DeploymentState.RELEASING, lines.stream().map(Draft::detail).toList());
    var fresh =
        tx.list(
            row -> row.getString(0) + " (" + row.getInteger(1) + ")",
            """
            SELECT ds.service, v.instances
              FROM deployment_service ds
              JOIN service v ON v.stack = $2 AND v.name = ds.service
             WHERE ds.deployment = $1 AND ds.set_label = $3 ORDER BY ds.service
            """,
            released.id(),
            released.stackId(),
            released.label());
    announceStart(tx, released.id(), fresh);
    know(tx, released);
  }

  private List<InstanceSpec> specs(Tx tx, Deployment deployment) {
    return tx.list(
        row -> definitions.open(row.getBuffer("spec"), deployment.id(), row.getString("service")),
        "SELECT service, spec FROM deployment_service WHERE deployment = $1",
        deployment.id());
  }

  /// The one moment at which a deployment becomes the live one.
  void commit(Tx tx, Deployment prepared) {
    var now = clock.instant();
    // First the stack, as everybody who changes it does.
    tx.one("SELECT 1 FROM stack WHERE id = $1 FOR UPDATE", prepared.stackId());
    var cancelled =
        tx.one("SELECT cancel FROM deployment WHERE id = $1 FOR UPDATE", prepared.id())
            .map(row -> row.getBoolean(0))
            .orElse(true);
    if (cancelled || !Transitions.move(tx, prepared, DeploymentState.LIVE, now, null)) {
      return;
    }
    tx.change(
        "UPDATE deployment SET live_at = $2, finished = $2 WHERE id = $1", prepared.id(), at(now));
    tx.change(
        """
        UPDATE stack s
           SET live = d.id,
               config_version = CASE WHEN d.cause = 'rollback'
                                     THEN coalesce(d.config_after, d.config_version)
                                     ELSE s.config_version END
          FROM deployment d WHERE s.id = $1 AND d.id = $2
        """,
        prepared.stackId(),
        prepared.id());
    new LiveServices(config).follow(tx, prepared);
    Counters.projection(tx);
    know(tx, prepared);
  }

  void fail(Tx tx, Deployment deployment, Diagnosis diagnosis) {
    fail(tx, deployment, Cause.of(diagnosis));
  }

  void fail(Tx tx, Deployment deployment, Cause cause) {
    Output.failure(tx, deployment, cause);
    Transitions.end(tx, deployment, DeploymentState.FAILED, clock.instant(), cause);
  }
}
