package dev.widemesh.controller;

import dev.widemesh.api.Role;
import dev.widemesh.api.Views;
import dev.widemesh.model.EnvironmentName;
import dev.widemesh.model.Failpoint;
import io.vertx.sqlclient.Row;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Environments: the names that are taken, and who may do what in them.
final class Environments {
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final List<String> FIRST =
      List.of(
          "amber", "brisk", "calm", "dapper", "eager", "fresh", "gentle", "keen", "lucid", "mellow",
          "nimble", "quiet", "rapid", "solid", "tidy", "vivid");
  private static final List<String> SECOND =
      List.of(
          "badger", "brook", "cedar", "comet", "falcon", "harbor", "heron", "lagoon", "maple",
          "meadow", "otter", "pebble", "river", "sparrow", "summit", "willow");

  private final Database database;
  private final ControllerConfig config;
  private final Signals signals;
  private final SecureRandom random = new SecureRandom();

  Environments(Database database, ControllerConfig config, Signals signals) {
    this.database = database;
    this.config = config;
    this.signals = signals;
  }

  /// One that is not deleted.
  record Known(String id, String name, String rack) {}

  static Known known(Tx tx, String name) {
    return tx.one("SELECT id, name, rack FROM environment WHERE name = $1 AND NOT deleted", name)
        .map(row -> new Known(row.getString(0), row.getString(1), row.getString(2)))
        .orElseThrow(() -> missing(name, List.of()));
  }

  void require(Caller.Person person, String name, Role needed) {
    database.run(tx -> require(tx, person, name, needed));
  }

  /// Refuses who may not; what they may not even see is not there.
  static Known require(Tx tx, Caller.Person person, String name, Role needed) {
    var row =
        tx.one(
                """
                SELECT e.id, e.name, e.rack, m.role
                  FROM environment e
                  LEFT JOIN membership m ON m.environment = e.id AND m.account = $2
                 WHERE e.name = $1 AND NOT e.deleted AND ($3 OR m.role IS NOT NULL)
                """,
                name,
                person.id(),
                person.admin())
            .orElseThrow(() -> missing(name, visible(tx, person)));
    if (!person.admin() && !Access.suffices(row.getString("role"), needed)) {
      throw Refusal.forbidden(
          "you are " + row.getString("role") + " of '" + name + "': that is not enough for this",
          "ask its owner");
    }
    return new Known(row.getString(0), row.getString(1), row.getString(2));
  }

  private static Refusal missing(String name, List<String> visible) {
    return Refusal.missing(
        "no-such-environment", Absent.of("environment", name, visible), "mesh env ls");
  }

  private static List<String> visible(Tx tx, Caller.Person person) {
    return tx.list(
        row -> row.getString(0),
        """
        SELECT name FROM environment e
         WHERE NOT deleted AND ($2 OR EXISTS (
               SELECT 1 FROM membership m WHERE m.environment = e.id AND m.account = $1))
         LIMIT 5000
        """,
        person.id(),
        person.admin());
  }

  private static final String SELECT =
      """
      SELECT e.name, e.rack, e.created,
             (SELECT count(*) FROM stack s WHERE s.environment = e.id) AS stacks,
             EXISTS (SELECT 1 FROM publication p JOIN endpoint n ON n.host = p.host
                      WHERE n.environment = e.id) AS published
        FROM environment e
       WHERE NOT e.deleted AND ($2 OR EXISTS (
             SELECT 1 FROM membership m WHERE m.environment = e.id AND m.account = $1))
      """;

  Answer list(Call call) {
    var person = call.person();
    return Answer.of(
        database.call(
            tx -> tx.list(this::view, SELECT + " ORDER BY e.name", person.id(), person.admin())));
  }

  private Views.Environment view(Row row) {
    var name = row.getString("name");
    var alias = config.alias(name);
    return new Views.Environment(
        name,
        row.getString("rack"),
        alias,
        row.getBoolean("published") ? config.url(alias) : null,
        row.getInteger("stacks"),
        row.getOffsetDateTime("created").toInstant());
  }

  Answer create(Call call) {
    var body = call.body(Views.CreateEnvironment.class);
    var person = call.person();
    var view =
        database.call(
            tx -> {
              var name = body.name() == null ? freeName(tx) : body.name();
              insert(tx, person, name, rack(tx, body.rack()));
              return tx.one(SELECT + " AND e.name = $3", person.id(), person.admin(), name)
                  .map(this::view)
                  .orElseThrow();
            });
    signals.fire(Signals.rack(view.rack()));
    return Answer.created(view);
  }

  private String rack(Tx tx, @Nullable String wanted) {
    var rack = wanted == null ? config.rack() : wanted;
    if (tx.one("SELECT 1 FROM rack WHERE name = $1", rack).isEmpty()) {
      var racks = tx.list(row -> row.getString(0), "SELECT name FROM rack");
      throw Refusal.bad("no-such-rack", Absent.of("rack", rack, racks), "mesh status");
    }
    return rack;
  }

  private void insert(Tx tx, Caller.Person person, String name, String rack) {
    EnvironmentName.refusal(name)
        .ifPresent(
            words -> {
              throw Refusal.bad("bad-name", words, "choose another name");
            });
    var id = freshId();
    var made =
        tx.change(
            """
            INSERT INTO environment (id, name, rack, revision) VALUES ($1, $2, $3, 0)
            ON CONFLICT (name) WHERE NOT deleted DO NOTHING
            """,
            id,
            name,
            rack);
    if (made == 0) {
      throw Refusal.conflict(
          "name-taken", "an environment '" + name + "' exists already", "choose another name");
    }
    tx.change("INSERT INTO membership VALUES ($1, $2, 'owner')", person.id(), id);
    Aliases.make(tx, config.alias(name), id);
    Counters.definition(tx, id);
  }

  private String freshId() {
    var id = new StringBuilder();
    for (var i = 0; i < 8; i++) {
      id.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return id.toString();
  }

  private String freeName(Tx tx) {
    for (var tries = 0; tries < 50; tries++) {
      var name =
          "%s-%s-%02d"
              .formatted(
                  FIRST.get(random.nextInt(FIRST.size())),
                  SECOND.get(random.nextInt(SECOND.size())),
                  random.nextInt(100));
      if (tx.one("SELECT 1 FROM environment WHERE name = $1", name).isEmpty()) {
        return name;
      }
    }
    throw Refusal.conflict("no-free-name", "found no free name", "give one");
  }

  /// Its stacks go at once; its row stays until the rack has cleared away what ran there.
  Answer delete(Call call) {
    var environment =
        database.call(
            tx -> {
              var known = known(tx, call.parameter("env"));
              tx.change("DELETE FROM endpoint WHERE environment = $1", known.id());
              tx.change("DELETE FROM stack WHERE environment = $1", known.id());
              tx.change("DELETE FROM registry_login WHERE environment = $1", known.id());
              tx.change("DELETE FROM membership WHERE environment = $1", known.id());
              tx.change("UPDATE environment SET deleted = true WHERE id = $1", known.id());
              Counters.projection(tx);
              Counters.definition(tx, known.id());
              return known;
            });
    Failpoint.ENVIRONMENT_DELETED.pass();
    signals.fire(Signals.rack(environment.rack()), Signals.PROJECTIONS, Signals.ENGINE);
    signals.fireAll();
    return Answer.nothing();
  }
}
