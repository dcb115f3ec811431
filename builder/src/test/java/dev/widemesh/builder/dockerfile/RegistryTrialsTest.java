package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.api.BuildWire.Trial;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.lifecycle.Engine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-5")
class RegistryTrialsTest {
  @TempDir private Path folder;

  @Test
  void registries_that_are_silent_hold_up_no_other() throws Exception {
    try (var silent = SilentRegistry.start();
        var good = RunningRegistry.in(folder);
        var engine = new Engine("0000", "127.0.0.1:1", "", "");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var host = silent.host();
      var opened = Set.of(host, good.registry().address());
      var trials =
          new RegistryTrials(
              engine, new Registries(opened, NameLookup.SYSTEM), Duration.ofMinutes(5));
      var hanging = new ArrayList<Future<Trial>>();
      for (var i = 0; i < BuildWire.TRIALS - 1; i++) {
        hanging.add(threads.submit(() -> trials.attempt(login(host, "x"))));
        silent.awaitCaller();
      }

      var right = login(good.registry().address(), RunningRegistry.PASSWORD);
      assertThat(threads.submit(() -> trials.attempt(right)).get(20, TimeUnit.SECONDS).problem())
          .isNull();
      assertThat(hanging).noneMatch(Future::isDone);

      silent.hangUp();
      for (var each : hanging) {
        assertThat(message(each.get(20, TimeUnit.SECONDS))).startsWith(host + " does not answer");
      }
    }
  }

  @Test
  void a_silent_registry_is_given_up_in_time() throws Exception {
    try (var silent = SilentRegistry.start();
        var engine = new Engine("0000", "127.0.0.1:1", "", "")) {
      var host = silent.host();
      var trials =
          new RegistryTrials(
              engine, new Registries(Set.of(host), NameLookup.SYSTEM), Duration.ofSeconds(1));

      assertThat(message(trials.attempt(login(host, "x"))))
          .isEqualTo(host + " does not answer as a registry (not within 1 s)");
    }
  }

  @Test
  void a_name_that_is_never_resolved_is_given_up_in_time() throws Exception {
    try (var resolver = SilentResolver.in(folder);
        var engine = new Engine("0000", "127.0.0.1:1", "", "")) {
      var slow = new Registries(Set.of(), resolver.lookup(Duration.ofMinutes(5)));
      var login = login("registry.example.com", "x");
      assertThat(message(new RegistryTrials(engine, slow, Duration.ofMillis(500)).attempt(login)))
          .contains("registry.example.com does not answer as a registry (not within");

      var brief = new Registries(Set.of(), resolver.lookup(Duration.ofMillis(500)));
      assertThat(message(new RegistryTrials(engine, brief, Duration.ofMinutes(5)).attempt(login)))
          .contains("its name is not resolved in time");
    }
  }

  private static RegistryLogin login(String host, String password) {
    return new RegistryLogin(host, RunningRegistry.READER, password);
  }

  private static String message(Trial trial) {
    var problem = trial.problem();
    return problem == null ? "it is good" : problem.message();
  }
}
