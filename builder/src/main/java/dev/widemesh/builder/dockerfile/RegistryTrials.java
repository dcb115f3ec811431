package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.api.BuildWire.Trial;
import dev.widemesh.api.Problem;
import dev.widemesh.builder.dockerfile.RegistryCalls.Reply;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.model.RegistryHost;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tries logins to registries as the pulls of base images will: over the engine, and only where
/// these may go.
public final class RegistryTrials {
  private static final Logger log = LoggerFactory.getLogger(RegistryTrials.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final RegistryCalls calls;
  private final Registries registries;
  private final Duration patience;

  /// `opened` are those that the operator opened although they are no public ones.
  public RegistryTrials(Engine engine, Set<String> opened) {
    this(engine, new Registries(opened, NameLookup.SYSTEM), PATIENCE);
  }

  RegistryTrials(Engine engine, Registries registries, Duration patience) {
    this.calls = new RegistryCalls(engine);
    this.registries = registries;
    this.patience = patience;
  }

  public Trial attempt(RegistryLogin login) {
    return RegistryHost.parse(login.host())
        .map(host -> inTime(host, login))
        .orElseGet(() -> inside(login.host()));
  }

  private Trial inTime(RegistryHost host, RegistryLogin login) {
    var task = new FutureTask<>(() -> tried(host, login));
    Thread.ofVirtual().name("registry-trial").start(task);
    try {
      return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      return silent(host, "not within %d s".formatted(patience.toSeconds()));
    } catch (ExecutionException e) {
      log.warn("a login to {} cannot be tried", host, e);
      return silent(host, "this server cannot ask it");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return silent(host, "the builder stops");
    } finally {
      task.cancel(true);
    }
  }

  private Trial tried(RegistryHost host, RegistryLogin login)
      throws IOException, InterruptedException {
    return switch (registries.access(host)) {
      case OPEN -> judged(host, login, calls.logIn(login));
      case CLOSED -> inside(host.value());
      case UNRESOLVED -> silent(host, "its name is not resolved in time");
    };
  }

  private static Trial inside(String host) {
    return problem(
        "registry-not-public",
        host + " is no public registry",
        "correct its name, or let the operator add %s to WIDEMESH_REGISTRIES".formatted(host));
  }

  private static Trial judged(RegistryHost host, RegistryLogin login, Reply reply) {
    if (reply.isGood()) {
      return new Trial(null);
    }
    var said = new EngineWords(reply.message());
    log.info("{} did not take a login: {}", host, said);
    return reply.status() == 401 || said.isDenial()
        ? problem(
            "registry-refused",
            "%s refuses the login of %s".formatted(host, login.user()),
            "correct user and password; many registries want an access token as the password")
        : silent(host, said.of(host));
  }

  private static Trial silent(RegistryHost host, String why) {
    return problem(
        "registry-silent",
        "%s does not answer as a registry (%s)".formatted(host, why),
        "correct its name, or try again later");
  }

  private static Trial problem(String code, String what, String nextStep) {
    return new Trial(new Problem(code, what, nextStep));
  }
}
