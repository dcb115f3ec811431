package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire;
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
class StackRootTest {
  private Platform platform;
  private String stack;

  @BeforeEach
  void start() {
    platform = Platform.start();
    stack = platform.stack("shop");
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  private Views.Stack update(@Nullable String formula, @Nullable String root) {
    return update(new Views.UpdateStack(formula, root, null, null));
  }

  private Views.Stack update(Views.UpdateStack change) {
    var path = Route.UPDATE_STACK.with("shop", "shop");
    return platform.admin().send("PATCH", path, change, Views.Stack.class);
  }

  private void push(@Nullable String root) {
    push(new GitWire.Choices(root, null, null));
  }

  private void push(GitWire.Choices choices) {
    platform.push(stack, choices);
  }

  @Test
  @Tag("STK-7")
  void a_stack_is_built_from_its_folder_unless_one_deployment_says_otherwise() throws Exception {
    assertThat(update(null, "./services/api/").root()).isEqualTo("services/api");
    assertThat(update("dockerfile", null).root()).isEqualTo("services/api");

    try (var builder = new PlayedBuilder(platform, _ -> Platform.built("x", Map.of()))) {
      push((String) null);
      var job = builder.awaitJob();
      assertThat(job.root()).isEqualTo("services/api");
      assertThat(job.formula()).isEqualTo("dockerfile");
      push("other");
      assertThat(builder.awaitJob().root()).isEqualTo("other");
      push("");
      assertThat(builder.awaitJob().root()).isEmpty();
      update(null, ".");
      push((String) null);
      assertThat(builder.awaitJob().root()).isEmpty();
    }
  }

  @Test
  @Tag("BLD-6")
  void formula_and_dockerfile_are_the_stacks_unless_one_deployment_says_otherwise()
      throws Exception {
    var change = new Views.UpdateStack("dockerfile", null, "./docker/web.Dockerfile", null);
    assertThat(update(change).dockerfile()).isEqualTo("docker/web.Dockerfile");

    try (var builder = new PlayedBuilder(platform, _ -> Platform.built("x", Map.of()))) {
      push((String) null);
      var job = builder.awaitJob();
      assertThat(job.formula()).isEqualTo("dockerfile");
      assertThat(job.dockerfile()).isEqualTo("docker/web.Dockerfile");
      push(new GitWire.Choices(null, "buildpack", null));
      assertThat(builder.awaitJob().formula()).isEqualTo("buildpack");
      push(new GitWire.Choices(null, "dockerfile", "Dockerfile"));
      assertThat(builder.awaitJob().dockerfile()).isEqualTo("Dockerfile");
    }
  }

  @Test
  void the_choice_of_one_deployment_is_not_the_stacks() throws Exception {
    try (var builder = new PlayedBuilder(platform, _ -> Platform.built("x", Map.of()))) {
      push(new GitWire.Choices(null, "buildpack", null));
      assertThat(builder.awaitJob().formula()).isEqualTo("buildpack");
      push((String) null);
      var second = builder.awaitJob();
      assertThat(second.formula()).isNull();
      assertThat(second.dockerfile()).isEqualTo("Dockerfile");
    }
  }

  @Test
  @Tag("BLD-6")
  void a_dockerfile_that_was_built_does_not_stick_where_buildpacks_were_named_meanwhile() {
    push((String) null);
    var builder = platform.client(Platform.BUILDER);
    var claim = new BuildWire.Claim("b1", "ready");
    var job =
        builder.ask("POST", Route.CLAIM_BUILD.path(), claim, BuildWire.Job.class).orElseThrow();
    var named = new Views.ChangeBuildpacks(List.of("./mine"), null, null, null);
    var path = Route.CHANGE_BUILDPACKS.with("shop", "shop");
    platform.admin().send("PATCH", path, named, Views.Buildpacks.class);
    var built =
        new BuildWire.Built(
            "dockerfile", "apps/x@sha256:1", "x", List.of(), List.of(), null, 0, false);

    builder.send("POST", Route.BUILD_RESULT.with(job.deployment()), built, BuildWire.Lease.class);

    assertThat(stack().formula()).isEqualTo("auto");
  }

  @Test
  @Tag("BLD-3")
  void buildpacks_that_come_with_a_push_are_the_stacks_from_then_on_or_nothing_came()
      throws Exception {
    try (var builder = new PlayedBuilder(platform, _ -> Platform.built("x", Map.of()))) {
      push(
          new GitWire.Choices(null, "buildpack", null, null, List.of("./mine", "widemesh/nodejs")));
      assertThat(builder.awaitJob().buildpacks()).containsExactly("./mine", "widemesh/nodejs");
      push((String) null);
      assertThat(builder.awaitJob().buildpacks()).hasSize(2);
    }

    refusesToPush("./twice", "./twice");
    platform
        .admin()
        .send(
            "PATCH",
            Route.CHANGE_BUILDPACKS.with("shop", "shop"),
            new Views.ChangeBuildpacks(List.of(), null, null, null),
            Views.Buildpacks.class);
    update("dockerfile", null);
    refusesToPush("./mine");
    assertThat(platform.read("SELECT count(*) FROM deployment")).isEqualTo("2");
    assertThat(platform.read("SELECT cardinality(buildpacks) FROM stack")).isEqualTo("0");
  }

  private void refusesToPush(String... buildpacks) {
    assertThatThrownBy(
            () -> push(new GitWire.Choices(null, "buildpack", null, null, List.of(buildpacks))))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.problem().nextStep()).startsWith("mesh stack"));
  }

  @Test
  void what_is_no_folder_and_no_formula_is_refused_and_changes_nothing() {
    for (var bad : new String[] {"../x", "/x", "a\u0000b"}) {
      assertThatThrownBy(() -> update(null, bad))
          .isInstanceOfSatisfying(
              ApiException.class,
              refused -> assertThat(refused.problem().code()).isEqualTo("bad-root"));
    }
    assertThatThrownBy(() -> update("magic", "a")).hasMessageContaining("no formula 'magic'");

    assertThat(stack().root()).isEmpty();
  }

  private Views.Stack stack() {
    return platform.admin().get(Route.GET_STACK.with("shop", "shop"), Views.Stack.class);
  }
}
