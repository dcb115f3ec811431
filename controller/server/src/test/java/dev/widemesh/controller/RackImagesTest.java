package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Route;
import dev.widemesh.api.rack.RackReport.State;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the registry is told that a rack may pull.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class RackImagesTest {
  private final Platform platform = Platform.start();

  @Test
  void it_is_what_is_kept_for_its_own_environments() throws Exception {
    try (platform;
        var _ = new PlayedBuilder(platform, job -> Platform.built(image(job.commit()), RUN))) {
      push("shop", "1".repeat(40));
      push("blog", "2".repeat(40));
      platform.awaitKept(2);
      assertThat(images("home")).containsExactly(image("1"), image("2"));
      assertThat(images("away")).isEmpty();

      platform.sql("INSERT INTO rack (name) VALUES ('away')");
      platform.sql("UPDATE environment SET rack = 'away' WHERE name = 'blog'");
      assertThat(images("home")).containsExactly(image("1"));
      assertThat(images("away")).containsExactly(image("2"));

      platform.admin().delete(Route.DELETE_ENVIRONMENT.with("shop"));
      assertThat(images("home")).isEmpty();
    }
  }

  @Test
  void what_is_live_is_named_first_then_what_is_on_its_way_and_last_what_can_be_gone_back_to()
      throws Exception {
    try (platform;
        var rack = new PlayedRack(platform);
        var _ = new PlayedBuilder(platform, job -> Platform.built(image(job.commit()), RUN))) {
      var shop = platform.stack("shop");
      var blog = platform.stack("blog");
      for (var commit : List.of("9", "8", "5")) {
        awaitEnd(platform.push(shop, commit.repeat(40)).id());
      }
      awaitEnd(platform.push(blog, "7".repeat(40)).id());
      rack.behave((set, id) -> PlayedRack.instance(set, id, State.STARTING));
      platform.push(blog, "6".repeat(40));
      platform.awaitKept(5);

      assertThat(platform.client(Platform.BUILDER).get(Route.KEPT_IMAGES.path(), String[].class))
          .containsExactly(image("7"), image("5"), image("6"), image("8"), image("9"));
    }
  }

  private void awaitEnd(String deployment) {
    assertThat(platform.follow(deployment).outcome().state()).isEqualTo("live");
  }

  private static final Map<String, String> RUN = Map.of("web", "run");

  private static String image(String commit) {
    return "apps/x@sha256:" + commit.charAt(0);
  }

  private void push(String name, String commit) {
    platform.push(platform.stack(name), commit);
  }

  private List<String> images(String rack) {
    return List.of(
        platform.client(Platform.BUILDER).get(Route.RACK_IMAGES.with(rack), String[].class));
  }
}
