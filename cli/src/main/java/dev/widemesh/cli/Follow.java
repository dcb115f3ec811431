package dev.widemesh.cli;

import dev.widemesh.api.Cause;
import dev.widemesh.api.DeploymentEvent;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Json;
import dev.widemesh.api.OutputLine;
import dev.widemesh.api.Route;
import dev.widemesh.model.DeploymentState;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// Shows the output of one deployment, and turns its outcome into an exit code.
final class Follow {
  /// The stream beats every ten seconds.
  private static final Duration BEAT = Duration.ofSeconds(35);

  private final Session mesh;
  private final DeploymentView deployment;
  private final String path;
  private long seen;

  private Follow(Session mesh, DeploymentView deployment) {
    this.mesh = mesh;
    this.deployment = deployment;
    this.path =
        Route.FOLLOW_DEPLOYMENT.with(
            deployment.environment(), deployment.stack(), String.valueOf(deployment.version()));
  }

  static Follow of(Session mesh, DeploymentView deployment) {
    return new Follow(mesh, deployment);
  }

  /// What was written so far.
  void recorded() throws IOException {
    try (var lines = new StreamedLines(mesh.controller().stream(path))) {
      var _ = read(lines, new Reconnect(mesh, mesh.controller()));
    }
  }

  ExitCode untilOutcome() throws IOException {
    var controller = mesh.controller();
    var reconnect = new Reconnect(mesh, controller);
    while (!reconnect.exhausted()) {
      try (var lines = reconnect.open(path + "?follow=true&after=" + seen)) {
        var outcome = read(lines, reconnect);
        if (outcome.isPresent()) {
          return outcome(outcome.get());
        }
      }
      reconnect.pause();
    }
    throw new Refusal(
        ExitCode.UNREACHABLE,
        "lost sight of deployment " + deployment.label() + "; it goes on by itself",
        "mesh deployments show " + deployment.label() + " --follow");
  }

  /// The outcome, or nothing when the stream ended without one.
  private Optional<DeploymentView> read(StreamedLines lines, Reconnect reconnect) {
    while (true) {
      switch (lines.next(BEAT)) {
        case Heard.Silence _, Heard.End _ -> {
          return Optional.empty();
        }
        case Heard.Line(var text) -> {
          reconnect.heard();
          if (!text.isBlank() && event(text) instanceof DeploymentEvent.Outcome(var view)) {
            return Optional.of(view);
          }
        }
      }
    }
  }

  private DeploymentEvent event(String text) {
    var event = Json.read(text, DeploymentEvent.class);
    if (event instanceof DeploymentEvent.Line(var line) && line.sequence() > seen) {
      seen = line.sequence();
      show(line);
    }
    return event;
  }

  private void show(OutputLine line) {
    var colour =
        switch (line.kind()) {
          case STEP -> Colour.BOLD;
          case DETAIL -> Colour.PLAIN;
          case REFUSAL -> Colour.RED;
        };
    mesh.say(mesh.terminal().paint(colour, mesh.terminal().tame(line.render())));
  }

  private static ExitCode outcome(DeploymentView end) {
    return switch (DeploymentState.of(end.state())) {
      case LIVE -> ExitCode.OK;
      case FAILED -> throw failed(end);
      case CANCELLED ->
          throw new Refusal(
              ExitCode.CANCELLED,
              "deployment " + end.label() + " was cancelled",
              "see who and when: mesh deployments show " + end.label());
      case SUPERSEDED ->
          throw new Refusal(
              ExitCode.SUPERSEDED,
              "a newer deployment overtook " + end.label(),
              "follow that one: mesh deployments show --follow");
      case QUEUED, BUILDING, RELEASING, PREPARING ->
          throw new Refusal(
              ExitCode.BROKEN,
              "the controller ended %s while it was %s".formatted(end.label(), end.state()),
              "mesh deployments show " + end.label() + " --follow");
    };
  }

  private static Refusal failed(DeploymentView end) {
    var cause = Optional.ofNullable(end.failure());
    return new Refusal(
        code(end),
        "%s failed: %s".formatted(end.label(), cause.map(Cause::summary).orElse("no cause given")),
        cause.map(Cause::nextStep).orElse("mesh deployments show " + end.label()));
  }

  private static ExitCode code(DeploymentView end) {
    var cause = end.failure();
    if (cause != null && cause.code().equals("outdated")) {
      return ExitCode.REFUSED;
    }
    var built =
        end.phases().stream()
            .anyMatch(
                phase -> phase.name().equals("releasing") || phase.name().equals("preparing"));
    var building = end.phases().stream().anyMatch(phase -> phase.name().equals("building"));
    var buildCause = cause != null && cause.code().equals("build-failed");
    return buildCause || (building && !built) ? ExitCode.BUILD_FAILED : ExitCode.ROLLOUT_FAILED;
  }
}
