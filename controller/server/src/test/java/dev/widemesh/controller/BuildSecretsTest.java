package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.SecretNames;
import dev.widemesh.api.BuildWire.SecretValues;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
@Tag("STK-4")
class BuildSecretsTest {
  private static final Set<String> ASKED = Set.of("TOKEN", "PLAIN", "NONE");

  @Test
  void whoever_builds_reads_the_secrets_that_it_names_and_only_then() throws Exception {
    try (var platform = Platform.start()) {
      var stack = platform.stack("mounts");
      configure(platform, Map.of("TOKEN", "hemmelig", "OTHER", "not asked for"), true);
      configure(platform, Map.of("PLAIN", "no secret"), false);
      var read = new CompletableFuture<Map<String, String>>();
      var refused = new CompletableFuture<Throwable>();
      var built = Platform.built("apps/mounts@sha256:1", Map.of("web", "run"));
      try (var builder =
          new PlayedBuilder(
              platform,
              job -> {
                read.complete(secrets(platform, job, "b1"));
                refused.complete(failure(() -> secrets(platform, job, "b2")));
                return built;
              })) {
        platform.push(stack, "%040x".formatted(1));
        var job = builder.awaitJob();

        assertThat(job.settings()).containsOnlyKeys("PLAIN");
        assertThat(read.get(20, TimeUnit.SECONDS)).containsExactly(Map.entry("TOKEN", "hemmelig"));
        assertThat(refused.get(20, TimeUnit.SECONDS))
            .isInstanceOf(ApiException.class)
            .hasMessageContaining("the build is not that builder's");
        assertThatThrownBy(() -> secretsWhenBuilt(platform, job))
            .hasMessageContaining("the build is not that builder's");
      }
    }
  }

  /// The result is taken a moment after the builder sent it.
  private static void secretsWhenBuilt(Platform platform, Job job) {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < end) {
      var _ = secrets(platform, job, "b1");
      Thread.onSpinWait();
    }
  }

  private static Throwable failure(Runnable call) {
    try {
      call.run();
      return new AssertionError("was answered");
    } catch (ApiException e) {
      return e;
    }
  }

  private static void configure(Platform platform, Map<String, String> values, boolean secret) {
    platform
        .admin()
        .send(
            "PATCH",
            Route.CHANGE_CONFIG.with("mounts", "mounts"),
            new Views.ChangeConfig(values, null, secret, null),
            Views.ConfigChanged.class);
  }

  private static Map<String, String> secrets(Platform platform, Job job, String builder) {
    return platform
        .client(Platform.BUILDER)
        .send(
            "POST",
            Route.BUILD_SECRETS.with(job.deployment()),
            new SecretNames(builder, ASKED),
            SecretValues.class)
        .values();
  }
}
