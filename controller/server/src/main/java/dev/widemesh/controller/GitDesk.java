package dev.widemesh.controller;

import static dev.widemesh.controller.Tokens.at;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.GitWire;
import dev.widemesh.api.Role;
import dev.widemesh.model.Failpoint;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What the git gateway asks: whose key, may they, take this push, what the refs must be.
final class GitDesk {
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  /// The commit that the branch of the stack `s` shows: what is live, or was last, of what git
  /// knows.
  private static final String SHOWN =
      """
      SELECT d.commit FROM deployment d
       WHERE d.stack = s.id AND d.live_at IS NOT NULL AND d.commit IS NOT NULL AND NOT d.uploaded
       ORDER BY (d.id = s.live) DESC, d.live_at DESC LIMIT 1
      """;

  private final Database database;
  private final ControllerConfig config;
  private final Signals signals;
  private final Deployments deployments;
  private final InstantSource clock;

  GitDesk(
      Database database,
      ControllerConfig config,
      Signals signals,
      Deployments deployments,
      InstantSource clock) {
    this.database = database;
    this.config = config;
    this.signals = signals;
    this.deployments = deployments;
    this.clock = clock;
  }

  Answer authenticate(Call call) {
    var fingerprint = call.body(GitWire.Authenticate.class).fingerprint();
    return database
        .call(
            tx ->
                tx.one(
                    """
                    SELECT a.id, a.name FROM ssh_key k JOIN account a ON a.id = k.account
                     WHERE k.fingerprint = $1
                    """,
                    fingerprint))
        .map(row -> Answer.of(new GitWire.Actor(row.getUUID(0).toString(), row.getString(1))))
        .orElseThrow(
            () ->
                Refusal.missing(
                    "unknown-key", "nobody has the key " + fingerprint, "mesh keys add"));
  }

  Answer authorize(Call call) {
    var wish = call.body(GitWire.Authorize.class);
    var account = Call.uuid(wish.accountId());
    return Answer.of(
        database.call(
            tx -> {
              var role = wish.write() ? Role.DEPLOYER : Role.VIEWER;
              var environment =
                  Environments.require(tx, person(tx, account), wish.environment(), role);
              var stack = Stacks.known(tx, environment, wish.stack());
              var branch =
                  tx.one("SELECT branch FROM stack WHERE id = $1", stack.id()).orElseThrow();
              return new GitWire.Grant(stack.id().toString(), branch.getString(0));
            }));
  }

  private static Caller.Person person(Tx tx, UUID account) {
    return tx.one("SELECT id, name, admin FROM account WHERE id = $1", account)
        .map(row -> new Caller.Person(row.getUUID(0), row.getString(1), row.getBoolean(2)))
        .orElseThrow(() -> Refusal.missing("no-such-account", "no such account", null));
  }

  /// Asked again with the same id, it answers the same.
  Answer push(Call call) {
    var push = call.body(GitWire.Push.class);
    var id = Call.uuid(push.id());
    var view = database.call(tx -> accept(tx, push, id));
    Failpoint.PUSH_STORED.pass();
    deployments.wake();
    signals.fire(Signals.PROJECTIONS);
    return Answer.created(view);
  }

  private DeploymentView accept(Tx tx, GitWire.Push push, UUID id) {
    var stack = Call.uuid(push.stackId());
    // The stack's row is the queue's lock.
    if (tx.one("SELECT 1 FROM stack WHERE id = $1 FOR UPDATE", stack).isEmpty()) {
      throw Refusal.missing("no-such-stack", "the stack was deleted", "mesh stack ls");
    }
    var known = Deployments.find(tx, id);
    if (known.isPresent()) {
      return known.get().view(config);
    }
    var version = Deployments.nextVersion(tx, stack);
    var cause = push.upload() ? "upload" : "push";
    tx.change(
        """
        INSERT INTO deployment (id, stack, version, state, state_since, cause, commit, forced,
                                uploaded, author, message, created)
        VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $4)
        """,
        id,
        stack,
        version,
        at(clock.instant()),
        cause,
        push.newCommit(),
        push.forced(),
        push.upload(),
        push.author(),
        push.message());
    Recipe.choose(tx, id, stack, push.choices());
    deployments.supersede(tx, stack, version, cause);
    Counters.projection(tx);
    return Deployments.row(tx, id).view(config);
  }

  Answer projections(Call call) {
    var after = call.numeric("after", -1);
    var deadline = clock.instant().plus(PATIENCE);
    while (!call.isGone()) {
      var signal = signals.next(Signals.PROJECTIONS);
      var found = database.call(tx -> newer(tx, after));
      if (found.isPresent()) {
        return Answer.of(found.get());
      }
      var left = Duration.between(clock.instant(), deadline);
      if (!left.isPositive()) {
        break;
      }
      Signals.await(signal, left);
    }
    return Answer.nothing();
  }

  /// What a push must descend from.
  static Optional<String> shown(Tx tx, UUID stack) {
    return tx.one("SELECT (%s) FROM stack s WHERE s.id = $1".formatted(SHOWN), stack)
        .map(row -> row.getString(0));
  }

  private static Optional<GitWire.Projections> newer(Tx tx, long after) {
    return Counters.now(tx, "projection") == after ? Optional.empty() : Optional.of(read(tx));
  }

  /// What all refs must be now.
  static GitWire.Projections read(Tx tx) {
    // Read first: what changes meanwhile makes a newer revision.
    var revision = Counters.now(tx, "projection");
    var keep = new LinkedHashMap<UUID, List<GitWire.Kept>>();
    for (var row : tx.rows(Kept.COMMITS)) {
      keep.computeIfAbsent(row.getUUID("stack"), _ -> new ArrayList<>())
          .add(
              new GitWire.Kept(
                  row.getUUID("id").toString(),
                  row.getString("commit"),
                  row.getBoolean("uploaded")));
    }
    var stacks =
        tx.list(
            row ->
                new GitWire.Projection(
                    row.getUUID("id").toString(),
                    row.getString("branch"),
                    row.getString("commit"),
                    keep.getOrDefault(row.getUUID("id"), List.of())),
            """
            SELECT s.id, s.branch, (%s) AS commit FROM stack s ORDER BY s.id
            """
                .formatted(SHOWN));
    return new GitWire.Projections(revision, stacks);
  }
}
