package dev.widemesh.git;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.GitWire;
import dev.widemesh.api.Route;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/// The calls the gateway makes.
final class Controller {
  /// The repository is locked meanwhile.
  private static final Duration PUSH_LIMIT = Duration.ofSeconds(15);

  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

  private final ApiClient api;

  Controller(ApiClient api) {
    this.api = api;
  }

  /// Empty when nobody has that key.
  Optional<GitWire.Actor> authenticate(String fingerprint) {
    try {
      return Optional.of(
          ask(Route.GIT_AUTHENTICATE, new GitWire.Authenticate(fingerprint), GitWire.Actor.class));
    } catch (ApiException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  GitWire.Grant authorize(GitWire.Authorize question) throws Refused {
    try {
      return ask(Route.GIT_AUTHORIZE, question, GitWire.Grant.class);
    } catch (ApiException e) {
      throw Refused.by(e);
    }
  }

  /// Asks again after a lost answer: the push's id makes that harmless.
  DeploymentView push(GitWire.Push push) throws Refused, InterruptedException {
    var start = System.nanoTime();
    while (true) {
      try {
        return ask(Route.GIT_PUSH, push, DeploymentView.class);
      } catch (ApiException e) {
        var mayHelp = e.status() == 0 || e.status() >= 500;
        if (!mayHelp || System.nanoTime() - start > PUSH_LIMIT.toNanos()) {
          throw Refused.by(e);
        }
        Thread.sleep(BETWEEN_TRIES);
      }
    }
  }

  /// What all refs must be now.
  GitWire.Projections projections() {
    return api.get(Route.GIT_PROJECTIONS.with(), GitWire.Projections.class);
  }

  /// Waits for a revision after this one; empty when there was none for a while.
  Optional<GitWire.Projections> changed(long after) {
    return api.poll(Route.GIT_PROJECTIONS.with() + "?after=" + after, GitWire.Projections.class);
  }

  /// Lines of JSON, to be closed by the caller.
  InputStream follow(String deployment, long after) {
    return api.stream(Route.GIT_FOLLOW.with(deployment) + "?after=" + after);
  }

  private <T> T ask(Route route, Object body, Class<T> type) {
    return api.send(route.method(), route.with(), body, type);
  }
}
