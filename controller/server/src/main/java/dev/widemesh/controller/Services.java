package dev.widemesh.controller;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Json;
import dev.widemesh.api.Views;
import dev.widemesh.api.rack.RackReport;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Services as people see and change them.
final class Services {
  private final Database database;
  private final ControllerConfig config;
  private final Signals signals;
  private final Sightings sightings;
  private final Deployments deployments;

  Services(
      Database database,
      ControllerConfig config,
      Signals signals,
      Sightings sightings,
      Deployments deployments) {
    this.database = database;
    this.config = config;
    this.signals = signals;
    this.sightings = sightings;
    this.deployments = deployments;
  }

  private static final String SELECT =
      """
      SELECT v.*, s.name AS stack_name, ds.set_label,
             coalesce(d.built::json ->> 'port', '0')::int AS exposed,
             (SELECT min(p.host) FROM publication p
               WHERE p.stack = v.stack AND p.service = v.name) AS host
        FROM service v
        JOIN stack s ON s.id = v.stack
        LEFT JOIN deployment d ON d.id = s.live
        LEFT JOIN deployment_service ds ON ds.deployment = s.live AND ds.service = v.name
       WHERE v.environment = $1
      """;

  Answer list(Call call) {
    return Answer.of(
        database.call(
            tx -> {
              var environment = Environments.known(tx, call.parameter("env"));
              var instances = instances(tx, environment);
              return tx.list(
                  row -> view(row, instances),
                  SELECT + " AND v.presence <> 'new' ORDER BY s.name, v.name",
                  environment.id());
            }));
  }

  private Views.Service view(Row row, Map<String, List<Views.Instance>> instances) {
    var settings = ServiceSettings.of(row);
    var absent = row.getString("presence").equals("absent");
    var host = row.getString("host");
    var command = settings.command();
    return new Views.Service(
        row.getString("stack_name"),
        settings.name(),
        row.getString("hostname"),
        absent ? "absent" : row.getString("kind"),
        command == null ? null : command.shown(),
        settings.commandByHand(),
        absent ? 0 : settings.instances(),
        settings.portOr(row.getInteger("exposed")),
        row.getString("set_label"),
        host == null || absent ? null : config.url(host),
        settings.memoryBytes(),
        settings.cpus(),
        settings.healthPath(),
        settings.graceSeconds(),
        settings.portOr(row.getInteger("exposed")) > 0 ? null : settings.readyAfterSeconds(),
        instances.getOrDefault(row.getString("hostname"), List.of()));
  }

  /// What the rack reported, by host name; what it has not reported yet is not there.
  private Map<String, List<Views.Instance>> instances(Tx tx, Environments.Known environment) {
    var seen = sightings.instances(environment.id());
    var sets = seen.stream().map(RackReport.Instance::set).distinct().toArray(String[]::new);
    var owners = new HashMap<String, Row>();
    for (var row :
        tx.rows(
            """
            SELECT DISTINCT ON (ds.set_id) ds.set_id, ds.set_label, ds.service,
                   s.name || '-' || ds.service AS hostname
              FROM deployment_service ds
              JOIN deployment d ON d.id = ds.deployment
              JOIN stack s ON s.id = d.stack
             WHERE ds.set_id = ANY($1) AND s.environment = $2
            """,
            sets,
            environment.id())) {
      owners.put(row.getString("set_id"), row);
    }
    var byHost = new HashMap<String, List<Views.Instance>>();
    for (var instance : seen) {
      var owner = owners.get(instance.set());
      if (owner != null) {
        byHost
            .computeIfAbsent(owner.getString("hostname"), _ -> new ArrayList<>())
            .add(view(instance, owner, environment.rack()));
      }
    }
    return byHost;
  }

  private static Views.Instance view(RackReport.Instance instance, Row owner, String rack) {
    var index = instance.id().substring(instance.id().lastIndexOf('-') + 1);
    return new Views.Instance(
        instance.id(),
        owner.getString("service") + "." + index,
        rack,
        owner.getString("set_label"),
        instance.state().name().toLowerCase(Locale.ROOT),
        instance.restarts(),
        instance.message(),
        instance.exitCode(),
        instance.since(),
        instance.memoryBytes(),
        instance.cpus());
  }

  Answer update(Call call) {
    var wish = call.body(Views.UpdateService.class);
    ServiceWish.check(wish);
    var updated =
        database.call(
            tx -> {
              var stack = Stacks.known(tx, call);
              tx.one("SELECT 1 FROM stack WHERE id = $1 FOR UPDATE", stack.id());
              return update(tx, call, stack, wish);
            });
    deployments.wake();
    signals.fireAll();
    return Answer.of(updated);
  }

  private Views.ServiceUpdated update(
      Tx tx, Call call, Stacks.Known stack, Views.UpdateService wish) {
    var before = settings(tx, stack, call.parameter("service"));
    var after = ServiceWish.apply(before, wish);
    ServiceWish.checkTogether(wish, after);
    write(tx, stack, after);
    var command = ServiceWish.setsCommand(wish);
    if (command) {
      note(tx, stack, after.name());
    }
    DeploymentView deployment = null;
    // A rollback on its way brings instances with another command than the one that is set.
    if (ServiceWish.needsNewInstances(before, after)
        || (command && OpenRollback.of(tx, stack.id()).isPresent())) {
      var order =
          new Deployments.Order("service", after.name() + " changed", call.person().name(), null);
      deployment = deployments.queue(tx, stack, order).orElse(null);
    }
    if (before.instances() != after.instances()) {
      Counters.definition(tx, stack.environment().id());
    }
    return new Views.ServiceUpdated(view(tx, stack, after.name()), deployment);
  }

  /// By this a rollback that was asked before knows that the command is not its to take.
  private static void note(Tx tx, Stacks.Known stack, String service) {
    tx.change(
        """
        UPDATE service SET commanded_at = (SELECT last_version FROM stack WHERE id = $1)
         WHERE stack = $1 AND name = $2
        """,
        stack.id(),
        service);
  }

  private Views.Service view(Tx tx, Stacks.Known stack, String service) {
    var instances = instances(tx, stack.environment());
    return tx.one(
            SELECT + " AND v.stack = $2 AND v.name = $3",
            stack.environment().id(),
            stack.id(),
            service)
        .map(row -> view(row, instances))
        .orElseThrow();
  }

  private static ServiceSettings settings(Tx tx, Stacks.Known stack, String name) {
    return tx.one("SELECT * FROM service WHERE stack = $1 AND name = $2", stack.id(), name)
        .map(ServiceSettings::of)
        .orElseThrow(
            () -> {
              var names =
                  tx.list(
                      row -> row.getString(0),
                      "SELECT name FROM service WHERE stack = $1",
                      stack.id());
              return Refusal.missing(
                  "no-such-service", Absent.of("service", name, names), "mesh svc ls");
            });
  }

  private static void write(Tx tx, Stacks.Known stack, ServiceSettings settings) {
    tx.change(
        """
        UPDATE service
           SET command = $3, command_by_hand = $4, instances = $5, memory_bytes = $6, cpus = $7,
               port = $8, health_path = $9, grace_seconds = $10,
               ready_after_seconds = $11
         WHERE stack = $1 AND name = $2
        """,
        stack.id(),
        settings.name(),
        command(settings.command()),
        settings.commandByHand(),
        settings.instances(),
        settings.memoryBytes(),
        settings.cpus(),
        settings.port(),
        settings.healthPath(),
        settings.graceSeconds(),
        settings.readyAfterSeconds());
  }

  private static @Nullable String command(@Nullable Command command) {
    return command == null ? null : Json.write(command);
  }
}
