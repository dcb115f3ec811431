package dev.widemesh.controller;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Json;
import dev.widemesh.api.Views;
import dev.widemesh.model.SourcePath;
import dev.widemesh.model.StackName;
import io.vertx.sqlclient.Row;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Stacks: one version of source code and one configuration each.
final class Stacks {
  private static final Set<String> FORMULAS = Set.of("buildpack", "dockerfile");
  private static final Pattern BRANCH = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,99}");

  private final Database database;
  private final ControllerConfig config;
  private final Signals signals;

  Stacks(Database database, ControllerConfig config, Signals signals) {
    this.database = database;
    this.config = config;
    this.signals = signals;
  }

  record Known(UUID id, String name, Environments.Known environment) {}

  /// The stack of the path, in an environment that the caller may see.
  static Known known(Tx tx, Call call) {
    var environment = Environments.known(tx, call.parameter("env"));
    return known(tx, environment, call.parameter("stack"));
  }

  static Known known(Tx tx, Environments.Known environment, String name) {
    return tx.one(
            "SELECT id FROM stack WHERE environment = $1 AND name = $2", environment.id(), name)
        .map(row -> new Known(row.getUUID(0), name, environment))
        .orElseThrow(() -> missing(tx, environment, name));
  }

  private static Refusal missing(Tx tx, Environments.Known environment, String name) {
    var names =
        tx.list(
            row -> row.getString(0),
            "SELECT name FROM stack WHERE environment = $1",
            environment.id());
    return Refusal.missing(
        "no-such-stack",
        Absent.of("stack", name, names),
        names.isEmpty()
            ? "mesh stack create %s --env %s".formatted("NAME", environment.name())
            : "mesh stack ls --env " + environment.name());
  }

  private static final String SELECT =
      """
      SELECT s.name, s.formula, s.branch, s.root, s.dockerfile, s.stage, s.builder, s.created,
             e.name AS environment,
             d.version, d.commit, d.built,
             (SELECT min(p.host) FROM publication p WHERE p.stack = s.id) AS host
        FROM stack s JOIN environment e ON e.id = s.environment
        LEFT JOIN deployment d ON d.id = s.live
      """;

  Answer list(Call call) {
    return Answer.of(
        database.call(
            tx ->
                tx.list(
                    this::view,
                    SELECT + " WHERE s.environment = $1 ORDER BY s.name",
                    Environments.known(tx, call.parameter("env")).id())));
  }

  Answer get(Call call) {
    return Answer.of(database.call(tx -> view(tx, known(tx, call).id())));
  }

  private Views.Stack view(Tx tx, UUID id) {
    return tx.one(SELECT + " WHERE s.id = $1", id).map(this::view).orElseThrow();
  }

  private Views.Stack view(Row row) {
    var environment = row.getString("environment");
    var name = row.getString("name");
    var formula = row.getString("formula");
    var host = row.getString("host");
    var version = row.getInteger("version");
    return new Views.Stack(
        environment,
        name,
        formula == null ? "auto" : formula,
        row.getString("branch"),
        row.getString("root"),
        dockerfile(row.getString("dockerfile")),
        row.getString("stage"),
        row.getString("builder"),
        config.remote(environment, name),
        host == null ? null : config.url(host),
        version == null ? null : "v" + version,
        row.getString("commit"),
        releaseCommand(row.getString("built")),
        row.getOffsetDateTime("created").toInstant());
  }

  private static @Nullable String releaseCommand(@Nullable String built) {
    return built == null ? null : Json.read(built, BuildWire.Built.class).releaseCommand();
  }

  Answer create(Call call) {
    var body = call.body(Views.CreateStack.class);
    var name = body.name() == null ? "" : body.name();
    StackName.refusal(name)
        .ifPresent(
            words -> {
              throw Refusal.bad("bad-name", words, "choose another name");
            });
    var branch = body.branch() == null ? "main" : body.branch();
    checkBranch(branch);
    var wish =
        checked(
            new Views.UpdateStack(body.formula(), body.root(), body.dockerfile(), body.stage()));
    var view =
        database.call(
            tx -> {
              var made = insert(tx, call.parameter("env"), name, branch);
              return change(tx, made, wish, "mesh stack create %s");
            });
    signals.fire(Signals.PROJECTIONS);
    return Answer.created(view);
  }

  Answer update(Call call) {
    var wish = checked(call.body(Views.UpdateStack.class));
    return Answer.of(
        database.call(
            tx -> {
              var stack = known(tx, call);
              if ("dockerfile".equals(wish.formula())) {
                Buildpacks.requireNone(tx, stack, "no Dockerfile is built with them");
                StackBuilders.requireNone(tx, stack.id(), "no Dockerfile is built with that");
              }
              return change(tx, stack.id(), wish, "mesh stack update %s");
            }));
  }

  /// As it is stored.
  private static Views.UpdateStack checked(Views.UpdateStack wish) {
    checkFormula(wish.formula());
    return new Views.UpdateStack(
        wish.formula(),
        root(wish.root()),
        file(wish.dockerfile()),
        StageChoice.checked(wish.stage()));
  }

  private Views.Stack change(Tx tx, UUID stack, Views.UpdateStack wish, String command) {
    var stage = new StageChoice(wish.formula(), wish.stage());
    tx.change(
        """
        UPDATE stack SET formula = coalesce($2, formula), root = coalesce($3, root),
                         dockerfile = coalesce($4, dockerfile),
                         stage = CASE WHEN $2 = 'buildpack' THEN '' ELSE coalesce($5, stage) END
         WHERE id = $1
        """,
        stack,
        stage.formula(tx, stack, command),
        wish.root(),
        wish.dockerfile(),
        wish.stage());
    return view(tx, stack);
  }

  private static @Nullable String root(@Nullable String text) {
    return path(text, "bad-root", "write it like services/api, without '..'");
  }

  private static @Nullable String file(@Nullable String text) {
    return path(text, "bad-dockerfile", "write it like docker/web.Dockerfile, without '..'");
  }

  private static @Nullable String path(@Nullable String text, String code, String nextStep) {
    if (text == null) {
      return null;
    }
    SourcePath.refusal(text)
        .ifPresent(
            words -> {
              throw Refusal.bad(code, words, nextStep);
            });
    return new SourcePath(text).value();
  }

  static String dockerfile(String path) {
    return path.isEmpty() ? "Dockerfile" : path;
  }

  private static void checkFormula(@Nullable String formula) {
    if (formula != null && !FORMULAS.contains(formula)) {
      throw Refusal.bad(
          "bad-formula", "no formula '" + formula + "'", "use buildpack or dockerfile");
    }
  }

  private static void checkBranch(String branch) {
    if (!BRANCH.matcher(branch).matches()
        || branch.contains("..")
        || branch.contains("//")
        || branch.endsWith("/")
        || branch.endsWith(".lock")) {
      throw Refusal.bad("bad-branch", "'" + branch + "' is not a branch's name", "use main");
    }
  }

  private UUID insert(Tx tx, String environmentName, String name, String branch) {
    var environment = Environments.known(tx, environmentName);
    refuseCollision(tx, environment, name);
    var id = UUID.randomUUID();
    var made =
        tx.change(
            """
            INSERT INTO stack (id, environment, name, branch) VALUES ($1, $2, $3, $4)
            ON CONFLICT (environment, name) DO NOTHING
            """,
            id,
            environment.id(),
            name,
            branch);
    if (made == 0) {
      throw Refusal.conflict(
          "name-taken",
          "environment '%s' has a stack '%s' already".formatted(environment.name(), name),
          "choose another name; mesh stack info %s --env %s shows the git remote of that one"
              .formatted(name, environment.name()));
    }
    Counters.projection(tx);
    return id;
  }

  // `a-b` + `c` and `a` + `b-c` would be one host name.
  private static void refuseCollision(Tx tx, Environments.Known environment, String name) {
    tx.one(
            """
            SELECT v.hostname, s.name, v.name FROM service v JOIN stack s ON s.id = v.stack
             WHERE v.environment = $1 AND starts_with(v.hostname, $2 || '-')
               AND s.name <> $2 AND starts_with($2, s.name || '-')
             LIMIT 1
            """,
            environment.id(),
            name)
        .ifPresent(
            row -> {
              throw Refusal.conflict(
                  "hostname-taken",
                  "a service of stack '%s' could get the host name %s, which service '%s' of stack '%s' has"
                      .formatted(name, row.getString(0), row.getString(2), row.getString(1)),
                  "choose another name for the stack");
            });
  }

  Answer delete(Call call) {
    var stack =
        database.call(
            tx -> {
              var known = known(tx, call);
              tx.change("DELETE FROM stack WHERE id = $1", known.id());
              Counters.projection(tx);
              Counters.definition(tx, known.environment().id());
              return known;
            });
    signals.fire(Signals.rack(stack.environment().rack()), Signals.PROJECTIONS);
    signals.fireAll();
    return Answer.nothing();
  }
}
