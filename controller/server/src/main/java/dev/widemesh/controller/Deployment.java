package dev.widemesh.controller;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Cause;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Json;
import dev.widemesh.model.DeploymentState;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A deployment's row, with the names of where it belongs.
record Deployment(
    UUID id,
    UUID stackId,
    String stack,
    String environmentId,
    String environment,
    String rack,
    @Nullable String formula,
    String branch,
    boolean live,
    @Nullable UUID liveNow,
    @Nullable String host,
    int version,
    DeploymentState state,
    Instant since,
    String cause,
    @Nullable String description,
    @Nullable String commit,
    boolean forced,
    boolean uploaded,
    @Nullable String origin,
    @Nullable String author,
    @Nullable String message,
    @Nullable UUID target,
    BuildWire.@Nullable Built built,
    int configVersion,
    @Nullable String owner,
    @Nullable Instant lease,
    @Nullable Instant deadline,
    int retries,
    boolean cancel,
    long revision,
    long lines,
    List<DeploymentView.Phase> phases,
    @Nullable Cause failure,
    boolean announced,
    Instant created,
    @Nullable Instant liveAt,
    @Nullable Instant finished) {
  private static final TypeReference<List<DeploymentView.Phase>> PHASES = new TypeReference<>() {};

  /// To be followed by a WHERE.
  static final String SELECT =
      """
      SELECT d.*, s.name AS stack_name, s.branch,
             coalesce(d.formula, s.formula) AS by_formula, s.live AS live_now,
             e.id AS environment, e.name AS environment_name, e.rack,
             (SELECT min(p.host) FROM publication p WHERE p.stack = s.id) AS host
        FROM deployment d
        JOIN stack s ON s.id = d.stack
        JOIN environment e ON e.id = s.environment
      """;

  static Deployment of(Row row) {
    var id = row.getUUID("id");
    var live = row.getUUID("live_now");
    var built = row.getString("built");
    var failure = row.getString("failure");
    return new Deployment(
        id,
        row.getUUID("stack"),
        row.getString("stack_name"),
        row.getString("environment"),
        row.getString("environment_name"),
        row.getString("rack"),
        row.getString("by_formula"),
        row.getString("branch"),
        id.equals(live),
        live,
        row.getString("host"),
        row.getInteger("version"),
        DeploymentState.of(row.getString("state")),
        row.getOffsetDateTime("state_since").toInstant(),
        row.getString("cause"),
        row.getString("description"),
        row.getString("commit"),
        row.getBoolean("forced"),
        row.getBoolean("uploaded"),
        row.getString("origin"),
        row.getString("author"),
        row.getString("message"),
        row.getUUID("target"),
        built == null ? null : Json.read(built, BuildWire.Built.class),
        row.getInteger("config_version"),
        row.getString("owner"),
        instant(row, "lease"),
        instant(row, "deadline"),
        row.getInteger("retries"),
        row.getBoolean("cancel"),
        row.getLong("revision"),
        row.getLong("lines"),
        phases(row.getString("phases")),
        failure == null ? null : Json.read(failure, Cause.class),
        row.getBoolean("announced"),
        row.getOffsetDateTime("created").toInstant(),
        instant(row, "live_at"),
        instant(row, "finished"));
  }

  private static @Nullable Instant instant(Row row, String column) {
    OffsetDateTime time = row.getOffsetDateTime(column);
    return time == null ? null : time.toInstant();
  }

  private static List<DeploymentView.Phase> phases(String text) {
    try {
      return Json.MAPPER.readValue(text, PHASES);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the phases of a deployment are damaged", e);
    }
  }

  String label() {
    return "v" + version;
  }

  /// Whether a follower may be told how it ended.
  boolean isOver() {
    return state.isFinal() && (announced || state != DeploymentState.LIVE);
  }

  /// What a rollback takes is the target's; what else rolls is what was built.
  boolean runsReleaseCommand() {
    return isBuilt() || cause.equals("config");
  }

  /// Whether a builder takes it first.
  boolean isBuilt() {
    return isBuilt(cause);
  }

  static boolean isBuilt(String cause) {
    return cause.equals("push") || cause.equals("upload") || cause.equals("image");
  }

  ServicePlan.Place place() {
    return new ServicePlan.Place(
        environmentId, environment, stack, label(), commit, "dockerfile".equals(formula));
  }

  DeploymentView view(ControllerConfig config) {
    return new DeploymentView(
        id.toString(),
        environment,
        stack,
        version,
        state.word(),
        live,
        cause,
        description == null ? origin : description,
        commit,
        author,
        message,
        built == null ? null : built.image(),
        configVersion,
        host == null ? null : config.url(host),
        created,
        finished,
        phases,
        failure);
  }
}
