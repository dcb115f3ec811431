package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.DeploymentEvent;
import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
@Tag("DEP-1")
class FollowingTest {
  @Test
  void a_build_that_prints_nothing_but_renews_its_lease_is_followed_by_beats() throws Exception {
    try (var platform = Platform.start()) {
      var stack = platform.stack("quiet");
      var heard = new CountDownLatch(1);
      try (var _ =
          new PlayedBuilder(
              platform,
              job -> {
                renewUntil(heard, platform, job.deployment());
                return Platform.built("apps/quiet@sha256:1", Map.of("web", "run"));
              })) {
        var deployment = platform.push(stack, "%040x".formatted(1)).id();
        assertThat(firstBeat(platform, deployment)).isEqualTo(new DeploymentEvent.Beat());
        heard.countDown();
      } finally {
        heard.countDown();
      }
    }
  }

  private static void renewUntil(CountDownLatch heard, Platform platform, String deployment) {
    while (heard.getCount() > 0) {
      platform
          .client(Platform.BUILDER)
          .send(
              "POST",
              Route.BUILD_OUTPUT.with(deployment),
              new BuildWire.Output("b1", List.of()),
              BuildWire.Lease.class);
      Thread.onSpinWait();
    }
  }

  private static DeploymentEvent firstBeat(Platform platform, String deployment)
      throws IOException {
    try (var reader =
        new BufferedReader(
            new InputStreamReader(
                platform.client(Platform.GATEWAY).stream(Route.GIT_FOLLOW.with(deployment)),
                StandardCharsets.UTF_8))) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        var event = Json.read(line, DeploymentEvent.class);
        if (!(event instanceof DeploymentEvent.Line)) {
          return event;
        }
      }
    }
    throw new AssertionError("it ended without a word");
  }
}
