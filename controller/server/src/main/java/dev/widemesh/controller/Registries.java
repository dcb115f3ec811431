package dev.widemesh.controller;

import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.api.Views;
import dev.widemesh.model.RegistryHost;
import dev.widemesh.model.Sealer;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Credentials of environments for the registries of private base images: tried when they are
/// given, sealed at rest, and told to nobody but the builder.
final class Registries {
  private static final Pattern USER = Pattern.compile("[^\\p{Cntrl}:]{1,255}");
  private static final int PASSWORD_LIMIT = 10_000;
  private static final int MOST = 20;

  private final Database database;
  private final Sealer sealer;
  private final LoginTrials trials;

  Registries(Database database, Sealer sealer, LoginTrials trials) {
    this.database = database;
    this.sealer = sealer;
    this.trials = trials;
  }

  Answer list(Call call) {
    return Answer.of(
        database.call(
            tx ->
                tx.list(
                    Registries::view,
                    """
                    SELECT host, username, created FROM registry_login
                     WHERE environment = $1 ORDER BY host
                    """,
                    Environments.known(tx, call.parameter("env")).id())));
  }

  private static Views.Registry view(Row row) {
    return new Views.Registry(
        row.getString("host"),
        row.getString("username"),
        row.getOffsetDateTime("created").toInstant());
  }

  Answer logIn(Call call) {
    var body = call.body(Views.LogInToRegistry.class);
    var host = host(call);
    var login = new RegistryLogin(host, user(body.user()), password(body.password()));
    trials.pass(database.call(tx -> refuseTooMany(tx, call, host)), login);
    return Answer.of(database.call(tx -> store(tx, call, login)));
  }

  private static String host(Call call) {
    var said = call.parameter("host");
    return RegistryHost.parse(said)
        .orElseThrow(
            () ->
                Refusal.bad(
                    "bad-registry",
                    "'%s' is not a registry's name".formatted(said),
                    "give its host alone, like ghcr.io or registry.example.com:5000"))
        .value();
  }

  private static String user(@Nullable String user) {
    if (user == null || !USER.matcher(user).matches()) {
      throw Refusal.bad(
          "bad-registry-user",
          "the user must be text of 1 to 255 characters without ':'",
          "give the name that you have at the registry");
    }
    return user;
  }

  private static String password(@Nullable String password) {
    if (password == null || password.isEmpty() || password.length() > PASSWORD_LIMIT) {
      throw Refusal.bad(
          "bad-registry-password",
          "the password must be text of 1 to %d characters".formatted(PASSWORD_LIMIT),
          "give the password or access token that you have at the registry");
    }
    return password;
  }

  /// Otherwise the environment's id.
  private static String refuseTooMany(Tx tx, Call call, String host) {
    var environment = Environments.known(tx, call.parameter("env")).id();
    var others =
        tx.rows(
            "SELECT host FROM registry_login WHERE environment = $1 AND host <> $2",
            environment,
            host);
    if (others.size() >= MOST) {
      throw Refusal.bad(
          "too-many-registries",
          "an environment has logins to at most %d registries".formatted(MOST),
          "mesh registry logout HOST, for one that is not needed");
    }
    return environment;
  }

  private Views.Registry store(Tx tx, Call call, RegistryLogin login) {
    var environment = refuseTooMany(tx, call, login.host());
    var open = login.password().getBytes(StandardCharsets.UTF_8);
    return tx.one(
            """
            INSERT INTO registry_login (environment, host, username, sealed) VALUES ($1, $2, $3, $4)
            ON CONFLICT (environment, host)
            DO UPDATE SET username = $3, sealed = $4, created = now()
            RETURNING host, username, created
            """,
            environment,
            login.host(),
            login.user(),
            Buffer.buffer(sealer.seal(open, place(environment, login.host()))))
        .map(Registries::view)
        .orElseThrow();
  }

  private static String place(String environment, String host) {
    return "registry/" + environment + "/" + host;
  }

  Answer logOut(Call call) {
    var host = host(call);
    var gone =
        database.call(
            tx ->
                tx.change(
                    "DELETE FROM registry_login WHERE environment = $1 AND host = $2",
                    Environments.known(tx, call.parameter("env")).id(),
                    host));
    if (gone == 0) {
      throw Refusal.missing(
          "no-such-registry",
          "'%s' has no login to %s".formatted(call.parameter("env"), host),
          "mesh registry ls");
    }
    return Answer.nothing();
  }

  /// What the builds of a stack may use.
  List<RegistryLogin> logins(Tx tx, UUID stack) {
    return tx.list(
        this::opened,
        """
        SELECT l.environment, l.host, l.username, l.sealed
          FROM registry_login l JOIN stack s ON s.environment = l.environment
         WHERE s.id = $1
        """,
        stack);
  }

  private RegistryLogin opened(Row row) {
    var host = row.getString("host");
    var sealed = row.getBuffer("sealed").getBytes();
    var password = sealer.open(sealed, place(row.getString("environment"), host));
    return new RegistryLogin(
        host, row.getString("username"), new String(password, StandardCharsets.UTF_8));
  }
}
