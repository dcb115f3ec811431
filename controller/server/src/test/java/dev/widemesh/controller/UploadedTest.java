package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.GitWire;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the branch shows where folders are deployed as well, with a played builder and rack.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class UploadedTest {
  private static final String PUSHED = "1".repeat(40);
  private static final String FOLDER = "2".repeat(40);
  private static final String NEXT = "3".repeat(40);
  private static final Platform PLATFORM = Platform.start();

  private final Platform platform = PLATFORM;
  private final PlayedRack rack = new PlayedRack(platform);
  private final String name = "shop" + Long.toString(System.nanoTime() % 1_000_000, 36);
  private final String stack = platform.stack(name);

  @BeforeEach
  void connected() throws InterruptedException {
    rack.await(name, definition -> true);
  }

  @AfterEach
  void end() throws IOException {
    rack.close();
  }

  @AfterAll
  static void stop() {
    PLATFORM.close();
  }

  private PlayedBuilder builder() {
    return new PlayedBuilder(
        platform,
        job -> Platform.built("shop@sha256:" + job.commit().substring(0, 4), Map.of("web", "run")));
  }

  private void goesLive(DeploymentView deployment) {
    assertThat(platform.follow(deployment.id()).outcome().state()).isEqualTo("live");
  }

  private GitWire.Projection projection() {
    return platform
        .client(Platform.GATEWAY)
        .get(Route.GIT_PROJECTIONS.path() + "?after=0", GitWire.Projections.class)
        .stacks()
        .stream()
        .filter(projection -> projection.stackId().equals(stack))
        .findFirst()
        .orElseThrow();
  }

  private @Nullable String tipOfNextPush(PlayedBuilder builder) throws InterruptedException {
    goesLive(platform.push(stack, NEXT));
    for (var job = builder.awaitJob(); ; job = builder.awaitJob()) {
      if (job.commit().equals(NEXT)) {
        return job.tip();
      }
    }
  }

  @Test
  @Tag("DEP-6")
  void the_branch_shows_what_was_pushed_last_and_the_next_push_follows_that() throws Exception {
    try (var builder = builder()) {
      goesLive(platform.push(stack, PUSHED));
      goesLive(platform.upload(stack, FOLDER));

      assertThat(platform.deployment(name, 1).cause()).isEqualTo("upload");
      assertThat(projection().commit()).isEqualTo(PUSHED);
      assertThat(projection().keep())
          .extracting(GitWire.Kept::commit, GitWire.Kept::upload)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(PUSHED, false),
              org.assertj.core.groups.Tuple.tuple(FOLDER, true));
      assertThat(tipOfNextPush(builder)).isEqualTo(PUSHED);
    }
  }

  @Test
  void where_nothing_was_pushed_there_is_no_branch_and_any_push_will_do() throws Exception {
    try (var builder = builder()) {
      goesLive(platform.upload(stack, FOLDER));

      assertThat(projection().commit()).isNull();
      assertThat(tipOfNextPush(builder)).isNull();
      assertThat(projection().commit()).isEqualTo(NEXT);
    }
  }

  @Test
  void a_configuration_or_a_rollback_on_top_of_a_folder_leaves_the_branch_too() {
    try (var _ = builder()) {
      goesLive(platform.push(stack, PUSHED));
      goesLive(platform.upload(stack, FOLDER));
      var change = new Views.ChangeConfig(Map.of("COLOUR", "blue"), null, null, null);
      var path = Route.CHANGE_CONFIG.with(name, name);
      var changed = platform.admin().send("PATCH", path, change, Views.ConfigChanged.class);
      assertThat(changed.deployment()).isNotNull();
      if (changed.deployment() != null) {
        goesLive(changed.deployment());
      }
      assertThat(platform.deployment(name, 2).commit()).isEqualTo(FOLDER);
      assertThat(projection().commit()).isEqualTo(PUSHED);

      goesLive(platform.push(stack, NEXT));
      goesLive(
          platform
              .admin()
              .send(
                  "POST",
                  Route.ROLLBACK.with(name, name),
                  new Views.Rollback(1),
                  DeploymentView.class));
      assertThat(platform.deployment(name, 4).commit()).isEqualTo(FOLDER);
      assertThat(projection().commit()).isEqualTo(NEXT);
    }
  }

  @Test
  @Tag("DEP-6")
  void an_image_leaves_branch_and_formula_and_is_told_with_its_digest() throws Exception {
    var digest = "sha256:" + "a".repeat(64);
    try (var _ = builder()) {
      goesLive(platform.push(stack, PUSHED));
    }
    platform.sql("UPDATE stack SET formula = NULL WHERE name = '" + name + "'");
    try (var builder = taking(digest)) {
      var path = Route.DEPLOY_IMAGE.with(name, name);
      var wish = new Views.DeployImage("ghcr.io/ada/shop:1");
      goesLive(platform.admin().send("POST", path, wish, DeploymentView.class));

      var job = builder.awaitJob();
      assertThat(job.image()).isEqualTo("ghcr.io/ada/shop:1");
      assertThat(job.forced()).isTrue();
    }
    var view = platform.deployment(name, 1);
    assertThat(view.cause()).isEqualTo("image");
    assertThat(view.description()).isEqualTo("ghcr.io/ada/shop:1@" + digest);
    assertThat(view.commit()).isNull();
    assertThat(projection().commit()).isEqualTo(PUSHED);
    var info = platform.admin().get(Route.GET_STACK.with(name, name), Views.Stack.class);
    assertThat(info.formula()).isEqualTo("auto");
  }

  private PlayedBuilder taking(String digest) {
    var processes = List.of(new BuildWire.ProcessType("web", "run", null));
    return new PlayedBuilder(
        platform,
        _ ->
            new BuildWire.Built(
                "dockerfile",
                "shop@sha256:9",
                "x",
                List.of(),
                processes,
                null,
                0,
                false,
                List.of(),
                digest));
  }

  @Test
  void what_names_no_image_is_refused() {
    for (var bad : List.of("", "https://x/y", "a b", "UPPER/case", "x@sha256:1", "-x", "a/../b")) {
      assertThatThrownBy(
              () ->
                  platform
                      .admin()
                      .send(
                          "POST",
                          Route.DEPLOY_IMAGE.with(name, name),
                          new Views.DeployImage(bad),
                          DeploymentView.class))
          .isInstanceOfSatisfying(
              ApiException.class,
              refused -> assertThat(refused.problem().code()).isEqualTo("bad-image"));
    }
  }

  @Test
  @Tag("DEP-5")
  void a_folder_and_a_push_overtake_each_other_in_the_queue() {
    var folder = platform.upload(stack, FOLDER);
    var push = platform.push(stack, NEXT);
    try (var _ = builder()) {
      assertThat(platform.follow(folder.id()).outcome().state()).isEqualTo("superseded");
      goesLive(push);
    }
  }
}
