package dev.widemesh.controller;

import static dev.widemesh.controller.Tokens.at;

import dev.widemesh.api.Cause;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.api.Views;
import dev.widemesh.model.DeploymentState;
import dev.widemesh.model.ImageReference;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The queue of deployments that every stack has, and what was in it.
final class Deployments {
  /// So many live ones per stack can be rolled back to.
  static final int KEPT = 20;

  private final Database database;
  private final ControllerConfig config;
  private final Signals signals;
  private final InstantSource clock;

  Deployments(Database database, ControllerConfig config, Signals signals, InstantSource clock) {
    this.database = database;
    this.config = config;
    this.signals = signals;
    this.clock = clock;
  }

  /// A deployment that needs no build. `target` is what a rollback goes back to.
  record Order(String cause, String description, String author, @Nullable UUID target) {}

  void wake() {
    signals.fire(Signals.ENGINE, Signals.BUILDS);
  }

  /// Nothing when nothing is live yet: then the change is only stored.
  Optional<DeploymentView> queue(Tx tx, Stacks.Known stack, Order order) {
    var live =
        tx.one("SELECT live FROM stack WHERE id = $1 AND live IS NOT NULL", stack.id())
            .map(row -> row.getUUID(0));
    if (live.isEmpty()) {
      return Optional.empty();
    }
    var id = UUID.randomUUID();
    var version = nextVersion(tx, stack.id());
    tx.change(
        """
        INSERT INTO deployment (id, stack, version, state, state_since, cause, description, author,
                                target, created)
        VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $4)
        """,
        id,
        stack.id(),
        version,
        at(clock.instant()),
        order.cause(),
        order.description(),
        order.author(),
        order.target());
    supersede(tx, stack.id(), version, order.cause());
    return Optional.of(row(tx, id).view(config));
  }

  Answer deployImage(Call call) {
    var body = call.body(Views.DeployImage.class);
    var image = body.image() == null ? "" : body.image();
    ImageReference.refusal(image)
        .ifPresent(
            words -> {
              throw Refusal.bad("bad-image", words, "write it like ghcr.io/ada/shop:1.2");
            });
    var view = database.call(tx -> queueImage(tx, call, image));
    wake();
    return Answer.created(view);
  }

  private DeploymentView queueImage(Tx tx, Call call, String image) {
    var stack = Stacks.known(tx, call);
    // The stack's row is the queue's lock.
    tx.one("SELECT 1 FROM stack WHERE id = $1 FOR UPDATE", stack.id());
    var id = UUID.randomUUID();
    var version = nextVersion(tx, stack.id());
    tx.change(
        """
        INSERT INTO deployment (id, stack, version, state, state_since, cause, origin, forced,
                                author, created)
        VALUES ($1, $2, $3, 'queued', $4, 'image', $5, true, $6, $4)
        """,
        id,
        stack.id(),
        version,
        at(clock.instant()),
        image,
        call.person().name());
    Recipe.inherit(tx, id);
    supersede(tx, stack.id(), version, "image");
    return row(tx, id).view(config);
  }

  static int nextVersion(Tx tx, UUID stack) {
    return tx.one(
            "UPDATE stack SET last_version = last_version + 1 WHERE id = $1 RETURNING last_version",
            stack)
        .orElseThrow()
        .getInteger(0);
  }

  /// Ends what waits and need no longer be done.
  void supersede(Tx tx, UUID stack, int version, String cause) {
    if (cause.equals("rollback")) {
      tx.change(
          """
          UPDATE deployment SET cancel = true
           WHERE stack = $1 AND version < $2 AND state IN ('building', 'releasing', 'preparing')
          """,
          stack,
          version);
    }
    for (var older : queuedBefore(tx, stack, version)) {
      if (overtakes(cause, older.cause())) {
        end(tx, older, DeploymentState.SUPERSEDED, "v" + version + " overtook it");
      }
    }
  }

  /// What is built anew has all that an older one had, and a newer change what was stored for an
  /// older one; only the configuration's runs the release command. A rollback ends everything
  /// before it, and nothing but another one ends it.
  private static boolean overtakes(String cause, String older) {
    return switch (cause) {
      case "rollback" -> true;
      case "config" -> older.equals("config") || older.equals("service");
      case "push", "upload", "image" -> Deployment.isBuilt(older);
      default -> older.equals(cause);
    };
  }

  private static List<Deployment> queuedBefore(Tx tx, UUID stack, int version) {
    return tx.list(
        Deployment::of,
        Deployment.SELECT + " WHERE d.stack = $1 AND d.version < $2 AND d.state = 'queued'",
        stack,
        version);
  }

  void end(Tx tx, Deployment deployment, DeploymentState state, String why) {
    Output.add(tx, deployment.id(), deployment.state(), Draft.refusal(why));
    var cause = new Cause(state.word(), why, List.of(), "look at mesh deployments ls");
    if (Transitions.end(tx, deployment, state, clock.instant(), cause)) {
      signals.fire(Signals.deployment(deployment.id()), Signals.PROJECTIONS);
    }
  }

  static Deployment row(Tx tx, UUID id) {
    return find(tx, id)
        .orElseThrow(() -> Refusal.missing("no-such-deployment", "no deployment " + id, null));
  }

  static Optional<Deployment> find(Tx tx, UUID id) {
    return tx.one(Deployment.SELECT + " WHERE d.id = $1", id).map(Deployment::of);
  }

  static Deployment known(Tx tx, Call call) {
    return byVersion(tx, Stacks.known(tx, call), call.version());
  }

  private static Deployment byVersion(Tx tx, Stacks.Known stack, int version) {
    return tx.one(Deployment.SELECT + " WHERE d.stack = $1 AND d.version = $2", stack.id(), version)
        .map(Deployment::of)
        .orElseThrow(
            () ->
                Refusal.missing(
                    "no-such-deployment",
                    "stack '%s' has no deployment v%d".formatted(stack.name(), version),
                    "mesh deployments ls"));
  }

  Answer list(Call call) {
    return Answer.of(
        database.call(
            tx ->
                tx
                    .list(
                        Deployment::of,
                        Deployment.SELECT + " WHERE d.stack = $1 ORDER BY d.version DESC LIMIT 200",
                        Stacks.known(tx, call).id())
                    .stream()
                    .map(deployment -> deployment.view(config))
                    .toList()));
  }

  Answer get(Call call) {
    return Answer.of(database.call(tx -> known(tx, call).view(config)));
  }

  Answer cancel(Call call) {
    var view =
        database.call(
            tx -> {
              var deployment = known(tx, call);
              if (deployment.state().isFinal()) {
                throw Refusal.conflict(
                    "already-over",
                    deployment.label() + " is " + deployment.state().word() + " already",
                    "mesh rollback goes back to what was live before");
              }
              tx.change("UPDATE deployment SET cancel = true WHERE id = $1", deployment.id());
              return deployment.view(config);
            });
    wake();
    return Answer.of(view);
  }

  Answer rollback(Call call) {
    var body = call.body(Views.Rollback.class);
    var view =
        database.call(
            tx -> {
              var stack = Stacks.known(tx, call);
              // The stack's row is the queue's lock.
              tx.one("SELECT 1 FROM stack WHERE id = $1 FOR UPDATE", stack.id());
              var target = target(tx, stack, body.version());
              var order =
                  new Order("rollback", "to " + target.label(), call.person().name(), target.id());
              return queue(tx, stack, order).orElseThrow(() -> nothingToGoBackTo(stack));
            });
    wake();
    return Answer.created(view);
  }

  private static Deployment target(Tx tx, Stacks.Known stack, @Nullable Integer version) {
    var kept = kept(tx, stack.id());
    if (version == null) {
      return kept.stream()
          .filter(deployment -> !deployment.live())
          .findFirst()
          .orElseThrow(() -> nothingToGoBackTo(stack));
    }
    var target = byVersion(tx, stack, version);
    // The live one as well: then it ends what is under way, and what waits.
    if (target.live() && !isAnyOpen(tx, stack.id())) {
      throw Refusal.conflict(
          "already-live", target.label() + " is the live one", "mesh deployments ls");
    }
    if (kept.stream().noneMatch(deployment -> deployment.id().equals(target.id()))) {
      throw Refusal.conflict(
          "not-kept",
          target.label() + " is not one of the last " + KEPT + " that were live",
          "choose one that was live: mesh deployments ls");
    }
    return target;
  }

  private static boolean isAnyOpen(Tx tx, UUID stack) {
    return tx.one(
            """
            SELECT 1 FROM deployment
             WHERE stack = $1 AND state IN ('queued', 'building', 'releasing', 'preparing') LIMIT 1
            """,
            stack)
        .isPresent();
  }

  private static Refusal nothingToGoBackTo(Stacks.Known stack) {
    return Refusal.conflict(
        "nothing-before",
        "stack '" + stack.name() + "' had nothing else live before",
        "mesh deployments ls; mesh deployments cancel vN stops one that is not live yet");
  }

  /// The last live ones, newest first: what can be rolled back to.
  static List<Deployment> kept(Tx tx, UUID stack) {
    return tx.list(
        Deployment::of,
        Deployment.SELECT
            + " WHERE d.stack = $1 AND d.live_at IS NOT NULL ORDER BY d.live_at DESC LIMIT "
            + KEPT,
        stack);
  }
}
