package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.api.BuildWire.Trial;
import dev.widemesh.api.Problem;
import dev.widemesh.builder.dockerfile.RegistryCalls.Reply;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.model.RegistryHost;
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

  /// `opened` are those that the operator opened although they are no public ones.
  public RegistryTrials(Engine engine, Set<String> opened) {
    this.calls = new RegistryCalls(engine);
    this.registries = new Registries(opened);
  }

  public Trial attempt(RegistryLogin login) {
    var host = RegistryHost.parse(login.host()).filter(registries::isOpen);
    if (host.isEmpty()) {
      return problem(
          "registry-not-public",
          login.host() + " is no public registry",
          "correct its name, or let the operator add %s to WIDEMESH_REGISTRIES"
              .formatted(login.host()));
    }
    return attempt(host.get(), login);
  }

  private Trial attempt(RegistryHost host, RegistryLogin login) {
    var task = new FutureTask<>(() -> calls.logIn(login));
    Thread.ofVirtual().name("registry-trial").start(task);
    try {
      return judged(host, login, task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    } catch (TimeoutException _) {
      return silent(host, "not within %d s".formatted(PATIENCE.toSeconds()));
    } catch (ExecutionException e) {
      log.warn("a login to {} cannot be tried", host, e);
      return silent(host, "Docker cannot ask it");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return silent(host, "the builder stops");
    } finally {
      task.cancel(true);
    }
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
