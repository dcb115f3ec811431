package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.api.rack.RackReport.State;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a rack refuses as not signed, while the builder signs images of before, and after that.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class UnsignedImageTest {
  private static final String IMAGE = "apps/x@sha256:1";
  private static final String REFUSED = "the image " + IMAGE + " is not signed by this platform";
  private static final String WAITS =
      "web waits: its image is not signed, and images of before are still being signed";

  @Test
  @Tag("BLD-10")
  void a_deployment_waits_while_images_are_signed_anew_and_is_live_once_its_own_is()
      throws Exception {
    try (var platform = Platform.start();
        var rack = new PlayedRack(platform);
        var builder = builder(platform, true)) {
      rack.behave(UnsignedImageTest::refused);
      var deployment = platform.push(platform.stack("shop"), "1".repeat(40)).id();
      awaitLine(platform);

      builder.hasSigned();
      rack.behave(PlayedRack.READY);

      var followed = platform.follow(deployment);
      assertThat(followed.outcome().state()).as(followed.toString()).isEqualTo("live");
    }
  }

  @Test
  @Tag("BLD-10")
  void once_images_are_signed_anew_it_fails_at_once() throws Exception {
    try (var platform = Platform.start();
        var rack = new PlayedRack(platform);
        var _ = builder(platform, false)) {
      rack.behave(UnsignedImageTest::refused);

      var followed = platform.follow(platform.push(platform.stack("shop"), "1".repeat(40)).id());

      assertThat(followed.outcome().state()).isEqualTo("failed");
      assertThat(followed.lines())
          .anyMatch(line -> line.endsWith("web cannot be started: " + REFUSED))
          .noneMatch(line -> line.contains(WAITS));
    }
  }

  private static PlayedBuilder builder(Platform platform, boolean signing) {
    return new PlayedBuilder(platform, _ -> Platform.built(IMAGE, Map.of("web", "run")), signing);
  }

  private static void awaitLine(Platform platform) throws Exception {
    var deadline = Instant.now().plusSeconds(20);
    while (platform.read(LINES).equals("0")) {
      assertThat(Instant.now()).as("nothing says that it waits").isBefore(deadline);
      Thread.onSpinWait();
    }
  }

  private static final String LINES =
      "SELECT count(*) FROM deployment_output WHERE text = '" + WAITS + "'";

  private static RackReport.Instance refused(InstanceSet set, String id) {
    return new RackReport.Instance(
        id,
        set.id(),
        State.REFUSED,
        Instant.now(),
        0,
        null,
        false,
        null,
        REFUSED,
        null,
        null,
        List.of(),
        List.of(),
        0,
        0);
  }
}
