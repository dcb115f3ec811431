package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.BuildWire.SignatureLook.Outcome;
import dev.widemesh.api.Route;
import dev.widemesh.api.SurveyLoop;
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

/// What a rack refuses as not signed, and what the builder finds of it.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class UnsignedImageTest {
  private static final String IMAGE = "apps/x@sha256:1";
  private static final String REFUSED = "the image " + IMAGE + " is not signed by this platform";
  private static final String WAITS =
      "web waits: its image is not signed, and cannot be for now: the disk is full";
  private static final BuildWire.SignatureLook SIGNED =
      new BuildWire.SignatureLook(Outcome.SIGNED, null);

  private volatile BuildWire.SignatureLook look = BuildWire.SignatureLook.stuck("the disk is full");

  @Test
  @Tag("BLD-10")
  void a_deployment_waits_while_its_image_cannot_be_signed_and_is_live_once_it_is()
      throws Exception {
    try (var platform = Platform.start();
        var rack = new PlayedRack(platform);
        var _ = builder(platform);
        var _ = looking(platform)) {
      rack.behave(UnsignedImageTest::refused);
      var deployment = platform.push(platform.stack("shop"), "1".repeat(40)).id();
      await(platform, LINES, "0", "that it waits");
      // Its time to start has not begun.
      await(platform, DEADLINE, platform.read(DEADLINE), "that its deadline moves on");

      look = SIGNED;
      rack.behave(PlayedRack.READY);

      var followed = platform.follow(deployment);
      assertThat(followed.outcome().state()).as(followed.toString()).isEqualTo("live");
    }
  }

  @Test
  @Tag("BLD-10")
  void one_that_lost_its_signature_is_looked_at_at_once_and_is_live() throws Exception {
    try (var platform = Platform.start();
        var rack = new PlayedRack(platform);
        var _ = builder(platform)) {
      rack.behave(UnsignedImageTest::refused);
      look = SIGNED;
      try (var _ = looking(platform, () -> rack.behave(PlayedRack.READY))) {
        var followed = platform.follow(platform.push(platform.stack("shop"), "1".repeat(40)).id());

        assertThat(followed.outcome().state()).as(followed.toString()).isEqualTo("live");
      }
    }
  }

  @Test
  @Tag("BLD-10")
  void one_that_nobody_knows_fails_at_once() throws Exception {
    try (var platform = Platform.start();
        var rack = new PlayedRack(platform);
        var _ = builder(platform);
        var _ = looking(platform)) {
      look = new BuildWire.SignatureLook(Outcome.UNKNOWN, null);
      rack.behave(UnsignedImageTest::refused);

      var followed = platform.follow(platform.push(platform.stack("shop"), "1".repeat(40)).id());

      assertThat(followed.outcome().state()).isEqualTo("failed");
      assertThat(followed.lines())
          .anyMatch(line -> line.endsWith("web cannot be started: " + REFUSED))
          .noneMatch(line -> line.contains(" waits: "));
    }
  }

  private static PlayedBuilder builder(Platform platform) {
    return new PlayedBuilder(platform, _ -> Platform.built(IMAGE, Map.of("web", "run")));
  }

  private SurveyLoop looking(Platform platform) {
    return looking(platform, () -> {});
  }

  private SurveyLoop looking(Platform platform, Runnable then) {
    return SurveyLoop.start(
        platform.client(Platform.BUILDER),
        Route.SIGNATURE_QUESTIONS,
        Route.SIGNATURE_LOOK,
        BuildWire.LOOKS,
        question -> {
          assertThat(question.images()).containsExactly(IMAGE);
          then.run();
          return look;
        });
  }

  private static void await(Platform platform, String query, String before, String what)
      throws Exception {
    var deadline = Instant.now().plusSeconds(20);
    while (platform.read(query).equals(before)) {
      assertThat(Instant.now()).as("nothing says " + what).isBefore(deadline);
      Thread.onSpinWait();
    }
  }

  private static final String DEADLINE = "SELECT deadline FROM deployment";
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
