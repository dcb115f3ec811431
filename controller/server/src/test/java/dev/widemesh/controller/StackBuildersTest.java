package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
@Tag("BLD-3")
class StackBuildersTest {
  private static final String HEROKU = "heroku/builder:24";
  private static Platform platform;

  @BeforeAll
  static void start() {
    platform = Platform.start();
  }

  @AfterAll
  static void end() {
    platform.close();
  }

  private static @Nullable String set(String stack, @Nullable String image) {
    var path = Route.CHANGE_BUILDER.with(stack, stack);
    return platform
        .admin()
        .send("PUT", path, new Views.StackBuilder(image), Views.StackBuilder.class)
        .image();
  }

  private static Views.Stack stack(String name) {
    return platform.admin().get(Route.GET_STACK.with(name, name), Views.Stack.class);
  }

  private static void update(String stack, String formula) {
    platform
        .admin()
        .send(
            "PATCH",
            Route.UPDATE_STACK.with(stack, stack),
            new Views.UpdateStack(formula, null, null, null),
            Views.Stack.class);
  }

  private static void buildpacks(String stack, List<String> references) {
    platform
        .admin()
        .send(
            "PATCH",
            Route.CHANGE_BUILDPACKS.with(stack, stack),
            new Views.ChangeBuildpacks(references, null, null, null),
            Views.Buildpacks.class);
  }

  private static void refuses(Runnable wish, String code, String nextStep) {
    assertThatThrownBy(wish::run)
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().nextStep()).startsWith(nextStep);
            });
  }

  @Test
  void it_is_kept_shown_and_taken_away() {
    platform.stack("kept");
    assertThat(stack("kept").builder()).isNull();

    assertThat(set("kept", HEROKU)).isEqualTo(HEROKU);
    assertThat(stack("kept").builder()).isEqualTo(HEROKU);
    assertThat(set("kept", null)).isNull();
    assertThat(stack("kept").builder()).isNull();
    refuses(() -> set("kept", "https://host/builder"), "bad-builder", "write it like");
  }

  @Test
  void whoever_builds_is_told() throws Exception {
    var stack = platform.stack("told");
    set("told", HEROKU);
    var built = Platform.built("apps/told@sha256:1", Map.of("web", "run"));
    try (var builder = new PlayedBuilder(platform, _ -> built)) {
      platform.push(stack, "%040x".formatted(1));

      assertThat(builder.awaitJob().builder()).isEqualTo(HEROKU);
    }
  }

  @Test
  void it_goes_neither_with_a_dockerfile_nor_with_buildpacks() {
    platform.stack("alone");
    buildpacks("alone", List.of("./mine"));
    refuses(() -> set("alone", HEROKU), "names-buildpacks", "mesh stack buildpacks set --none");
    buildpacks("alone", List.of());
    update("alone", "dockerfile");
    refuses(() -> set("alone", HEROKU), "built-by-dockerfile", "mesh stack update alone");
    update("alone", "buildpack");
    set("alone", HEROKU);

    var nextStep = "mesh stack set-builder --none --stack alone";
    refuses(() -> update("alone", "dockerfile"), "names-builder", nextStep);
    refuses(() -> buildpacks("alone", List.of("./mine")), "names-builder", nextStep);
    buildpacks("alone", List.of());
    assertThat(stack("alone").builder()).isEqualTo(HEROKU);
  }
}
