package dev.widemesh.git;

import dev.widemesh.api.DeploymentEvent;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.git.EventStream.Signal;
import java.time.Duration;
import java.util.Optional;

/// Shows a deployment to the one who pushed it, until its outcome. Outlives a restart of the
/// controller; never outlives its client by more than a second.
final class Following {
  private static final Duration TICK = Duration.ofSeconds(1);

  /// The stream beats every ten seconds.
  private static final Duration SILENCE = Duration.ofSeconds(35);

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Controller controller;
  private final DeploymentView deployment;
  private final Conversation conversation;
  private final Screen screen;
  private long shown;
  private long lastSign = System.nanoTime();
  private boolean waiting;

  Following(
      Controller controller, DeploymentView deployment, Conversation conversation, Screen screen) {
    this.controller = controller;
    this.deployment = deployment;
    this.conversation = conversation;
    this.screen = screen;
  }

  Verdict watch() throws InterruptedException {
    while (since() < PATIENCE.toNanos()) {
      var verdict = watchOnce();
      if (verdict.isPresent()) {
        return verdict.get();
      }
      sayThatWeWait();
      Thread.sleep(TICK);
    }
    screen.show(Draft.detail("The deployment goes on, without a view of it from here."));
    return Verdict.unknown(deployment);
  }

  /// Empty when the stream broke.
  private Optional<Verdict> watchOnce() throws InterruptedException {
    try (var events = new EventStream(controller, deployment.id(), shown)) {
      var quiet = System.nanoTime();
      while (System.nanoTime() - quiet < SILENCE.toNanos()) {
        if (conversation.isOver() || conversation.stopping().get()) {
          return Optional.of(Verdict.unknown(deployment));
        }
        switch (events.next(TICK).orElse(null)) {
          case null -> {}
          case Signal.Broken(var hopeless) -> {
            return hopeless ? Optional.of(Verdict.unknown(deployment)) : Optional.empty();
          }
          case Signal.Event(var event) -> {
            quiet = System.nanoTime();
            var verdict = take(event);
            if (verdict.isPresent()) {
              return verdict;
            }
          }
        }
      }
      return Optional.empty();
    }
  }

  private Optional<Verdict> take(DeploymentEvent event) {
    lastSign = System.nanoTime();
    waiting = false;
    return switch (event) {
      case DeploymentEvent.Line(var line) -> {
        if (line.sequence() > shown) {
          shown = line.sequence();
          screen.show(line);
        }
        yield Optional.empty();
      }
      case DeploymentEvent.Outcome(var view) -> Optional.of(Verdict.of(view));
      case DeploymentEvent.Beat() -> Optional.empty();
    };
  }

  private void sayThatWeWait() {
    if (!waiting) {
      waiting = true;
      screen.show(Draft.detail("The control plane does not answer; waiting for it (5 min)."));
    }
  }

  private long since() {
    return System.nanoTime() - lastSign;
  }
}
