package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.GitWire;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
@Tag("BLD-5")
class StackStageTest {
  private Platform platform;

  @BeforeEach
  void start() {
    platform = Platform.start();
  }

  @AfterEach
  void end() {
    platform.close();
  }

  private Views.Stack update(String stack, @Nullable String formula, @Nullable String stage) {
    return platform
        .admin()
        .send(
            "PATCH",
            Route.UPDATE_STACK.with(stack, stack),
            new Views.UpdateStack(formula, null, null, stage),
            Views.Stack.class);
  }

  private Views.Stack stack(String name) {
    return platform.admin().get(Route.GET_STACK.with(name, name), Views.Stack.class);
  }

  private void push(String stack, @Nullable String formula, @Nullable String stage) {
    platform.push(stack, new GitWire.Choices(null, formula, null, stage, null));
  }

  private static void refuses(Runnable wish, String code, String nextStep) {
    assertThatThrownBy(wish::run)
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().nextStep()).isEqualTo(nextStep);
            });
  }

  @Test
  void the_builder_gets_the_stacks_stage_unless_one_deployment_says_otherwise() throws Exception {
    var stack = platform.stack("staged");
    assertThat(update("staged", null, "Web").stage()).isEqualTo("web");
    assertThat(stack("staged").formula()).as("with it goes").isEqualTo("dockerfile");
    assertThat(update("staged", null, null).stage()).isEqualTo("web");

    try (var builder = new PlayedBuilder(platform, _ -> Platform.built("x", Map.of()))) {
      push(stack, null, null);
      assertThat(builder.awaitJob().stage()).isEqualTo("web");
      push(stack, null, "2");
      assertThat(builder.awaitJob().stage()).isEqualTo("2");
      push(stack, null, "");
      assertThat(builder.awaitJob().stage()).isEmpty();
      assertThat(update("staged", null, "").stage()).isEmpty();
      push(stack, null, null);
      assertThat(builder.awaitJob().stage()).isEmpty();
    }
  }

  @Test
  void a_stack_is_made_with_one() {
    platform.stack("made");
    var view =
        platform
            .admin()
            .send(
                "POST",
                Route.CREATE_STACK.with("made"),
                new Views.CreateStack("other", null, null, null, null, "1"),
                Views.Stack.class);

    assertThat(view.stage()).isEqualTo("1");
    assertThat(view.formula()).isEqualTo("dockerfile");
  }

  @Test
  void one_that_one_deployment_names_comes_with_the_formula_this_once() throws Exception {
    var stack = platform.stack("once");
    try (var builder = new PlayedBuilder(platform, _ -> Platform.built("x", Map.of()))) {
      push(stack, null, "web");
      var job = builder.awaitJob();
      assertThat(job.formula()).isEqualTo("dockerfile");
      assertThat(job.stage()).isEqualTo("web");
    }
    assertThat(stack("once").formula()).isEqualTo("auto");
    assertThat(stack("once").stage()).isEmpty();
  }

  @Test
  void buildpacks_have_none() throws Exception {
    var stack = platform.stack("packed");
    update("packed", "buildpack", null);
    var update = "mesh stack update packed --dockerfile --target web";
    var deploy = "mesh deploy --stack packed --dockerfile --target web";
    refuses(() -> update("packed", null, "web"), "built-with-buildpacks", update);
    refuses(() -> update("packed", "buildpack", "web"), "built-with-buildpacks", update);
    refuses(() -> push(stack, null, "web"), "built-with-buildpacks", deploy);
    assertThat(update("packed", "dockerfile", "web").stage()).isEqualTo("web");
    assertThat(update("packed", "buildpack", null).stage()).as("it goes with them").isEmpty();

    var named = platform.stack("named");
    platform
        .admin()
        .send(
            "PATCH",
            Route.CHANGE_BUILDPACKS.with("named", "named"),
            new Views.ChangeBuildpacks(List.of("./mine"), null, null, null),
            Views.Buildpacks.class);
    refuses(
        () -> push(named, null, "web"), "built-with-buildpacks", deploy.replace("packed", "named"));
    assertThat(platform.read("SELECT count(*) FROM deployment WHERE stack = '" + named + "'"))
        .isEqualTo("0");
  }

  @Test
  void what_names_no_stage_is_refused() {
    platform.stack("odd");
    for (var bad : List.of("a b", "-x", "a/b", "1x", "12345")) {
      refuses(() -> update("odd", null, bad), "bad-stage", "write it like build, or 1");
    }
    assertThat(stack("odd").formula()).isEqualTo("auto");
  }
}
