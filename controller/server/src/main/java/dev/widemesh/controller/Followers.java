package dev.widemesh.controller;

import dev.widemesh.api.DeploymentEvent;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.OutputLine;
import dev.widemesh.model.DeploymentState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Streams a deployment's output: what is recorded, then what comes, then how it ended.
final class Followers {
  private static final Duration BEAT = Duration.ofSeconds(10);

  private final Database database;
  private final ControllerConfig config;
  private final Signals signals;

  Followers(Database database, ControllerConfig config, Signals signals) {
    this.database = database;
    this.config = config;
    this.signals = signals;
  }

  Answer byId(Call call) {
    var id = call.id("id");
    return stream(call, database.call(tx -> Deployments.row(tx, id)), true);
  }

  Answer byVersion(Call call) {
    return stream(call, database.call(tx -> Deployments.known(tx, call)), call.flag("follow"));
  }

  private record Page(Optional<Deployment> deployment, List<OutputLine> lines) {}

  private Answer stream(Call call, Deployment first, boolean follow) {
    var stream = new LineStream(call.response());
    var sequence = call.numeric("after", 0);
    var last = first;
    var said = System.nanoTime();
    while (stream.isOpen()) {
      var signal = signals.next(Signals.deployment(first.id()));
      var page = page(first.id(), sequence);
      for (var line : page.lines()) {
        write(stream, new DeploymentEvent.Line(line));
        sequence = line.sequence();
      }
      if (page.deployment().isEmpty()) {
        write(stream, new DeploymentEvent.Outcome(gone(last)));
        break;
      }
      last = page.deployment().get();
      if (!page.lines().isEmpty()) {
        said = System.nanoTime();
        continue;
      }
      if (last.isOver()) {
        write(stream, new DeploymentEvent.Outcome(last.view(config)));
        break;
      }
      if (!follow) {
        break;
      }
      Signals.await(signal, BEAT.minusNanos(System.nanoTime() - said));
      // A signal alone is no word to who follows: a build that prints nothing renews its lease.
      if (System.nanoTime() - said >= BEAT.toNanos()) {
        write(stream, new DeploymentEvent.Beat());
        said = System.nanoTime();
      }
    }
    stream.end();
    return new Answer.Streamed();
  }

  // The deployment's state is read before its lines, so that a final state has all of them.
  private Page page(UUID id, long sequence) {
    while (true) {
      try {
        return database.call(
            tx -> {
              var deployment = Deployments.find(tx, id);
              return new Page(deployment, Output.after(tx, id, sequence));
            });
      } catch (DatabaseSilent _) {
        // Whoever follows does not need to know: it goes on when the database is back.
        Signals.await(signals.next("never"), Duration.ofSeconds(1));
      }
    }
  }

  private static void write(LineStream stream, DeploymentEvent event) {
    stream.write(event, DeploymentEvent.class);
  }

  /// Its stack was deleted while somebody followed.
  private DeploymentView gone(Deployment last) {
    var view = last.view(config);
    @Nullable String word =
        last.state().isFinal() ? view.state() : DeploymentState.CANCELLED.word();
    return new DeploymentView(
        view.id(),
        view.environment(),
        view.stack(),
        view.version(),
        word,
        false,
        view.cause(),
        "its stack was deleted",
        view.commit(),
        view.author(),
        view.message(),
        view.image(),
        view.configVersion(),
        null,
        view.created(),
        view.finished(),
        view.phases(),
        view.failure());
  }
}
