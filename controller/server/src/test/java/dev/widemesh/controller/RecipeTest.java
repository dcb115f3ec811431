package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Cause;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.GitWire;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.sql.SQLException;
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
@Tag("BLD-3")
class RecipeTest {
  private static final GitWire.Choices NONE = GitWire.Choices.NONE;

  private Platform platform;
  private String stack;
  private int claims;

  @BeforeEach
  void start() {
    platform = Platform.start();
    stack = platform.stack("shop");
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  private static GitWire.Choices named(String... buildpacks) {
    return new GitWire.Choices(null, "buildpack", null, null, List.of(buildpacks));
  }

  private String push(GitWire.Choices choices) {
    return platform.push(stack, choices).id();
  }

  private BuildWire.Job claim() {
    claims++;
    return platform
        .client(Platform.BUILDER)
        .ask(
            "POST",
            Route.CLAIM_BUILD.path(),
            new BuildWire.Claim("b1-" + claims, "ready"),
            BuildWire.Job.class)
        .orElseThrow();
  }

  private void end(String deployment, BuildWire.Result result) {
    var path = Route.BUILD_RESULT.with(deployment) + "?builder=b1-" + claims;
    var lease = platform.client(Platform.BUILDER).send("POST", path, result, BuildWire.Lease.class);
    assertThat(lease.cancelled()).isFalse();
    platform.follow(deployment);
  }

  /// One that waits with a list, while another is built: that ends then.
  private Runnable waiting(String... buildpacks) {
    var first = push(NONE);
    claim();
    push(named(buildpacks));
    return () -> end(first, built());
  }

  private List<String> lines(String deployment) {
    end(deployment, built());
    return platform.follow(deployment).lines();
  }

  private static String dropped(String list) {
    return "       Built without the buildpacks of the deployment that it overtook: " + list;
  }

  private static BuildWire.Built built() {
    return Platform.built("apps/shop@sha256:1", Map.of());
  }

  private static BuildWire.Failed refused() {
    return new BuildWire.Failed(
        new Cause("outdated", "main moved while this push waited", List.of(), "merge"));
  }

  private List<String> list() {
    var path = Route.GET_BUILDPACKS.with("shop", "shop");
    return platform.admin().get(path, Views.Buildpacks.class).references();
  }

  private void list(String... buildpacks) {
    var wish = new Views.ChangeBuildpacks(List.of(buildpacks), null, null, null);
    var path = Route.CHANGE_BUILDPACKS.with("shop", "shop");
    platform.admin().send("PATCH", path, wish, Views.Buildpacks.class);
  }

  private void update(
      @Nullable String formula, @Nullable String root, @Nullable String file, @Nullable String at) {
    var wish = new Views.UpdateStack(formula, root, file, at);
    var path = Route.UPDATE_STACK.with("shop", "shop");
    platform.admin().send("PATCH", path, wish, Views.Stack.class);
  }

  private void builder(@Nullable String image) {
    var path = Route.CHANGE_BUILDER.with("shop", "shop");
    platform.admin().send("PUT", path, new Views.StackBuilder(image), Views.StackBuilder.class);
  }

  private BuildWire.Job claimLost(String deployment) throws SQLException {
    platform.sql(
        "UPDATE deployment SET lease = now() - interval '1 s' WHERE id = '" + deployment + "'");
    return claim();
  }

  @Test
  void buildpacks_that_came_with_a_push_that_is_refused_later_are_not_the_stacks() {
    list("./known");
    var id = push(named("./new"));
    assertThat(list()).containsExactly("./known");
    assertThat(claim().buildpacks()).containsExactly("./new");
    end(id, refused());
    assertThat(list()).containsExactly("./known");

    push(NONE);
    assertThat(claim().buildpacks()).containsExactly("./known");
  }

  @Test
  void they_are_once_something_was_built_with_them() {
    var id = push(named("./new", "widemesh/nodejs"));
    claim();
    assertThat(list()).isEmpty();
    end(id, built());

    assertThat(list()).containsExactly("./new", "widemesh/nodejs");
  }

  @Test
  void what_is_set_for_the_stack_meanwhile_is_the_newer_word() {
    var id = push(named("./new"));
    claim();
    list("./newer");
    end(id, built());

    assertThat(list()).containsExactly("./newer");
  }

  @Test
  void nor_are_they_where_the_stack_got_a_dockerfile_or_a_builder_meanwhile() {
    var first = push(named("./new"));
    claim();
    update("dockerfile", null, null, null);
    end(first, built());
    assertThat(list()).isEmpty();

    update("buildpack", null, null, null);
    var second = push(named("./new"));
    claim();
    builder("acme/builder:1");
    end(second, built());
    assertThat(list()).isEmpty();
  }

  @Test
  void a_push_that_overtakes_has_the_buildpacks_of_the_overtaken_one() {
    var first = push(NONE);
    claim();
    push(named("./new"));
    var third = push(NONE);
    assertThat(platform.deployment("shop", 1).state()).isEqualTo("superseded");
    end(first, built());

    assertThat(claim().buildpacks()).containsExactly("./new");
    end(third, built());
    assertThat(list()).containsExactly("./new");
  }

  @Test
  void unless_the_stack_has_a_builder_by_its_turn() {
    for (var builderFirst : List.of(true, false)) {
      var begun = waiting("./new", "./other");
      if (builderFirst) {
        builder("acme/builder:1");
      }
      var overtaking = push(NONE);
      builder("acme/builder:1");
      begun.run();

      var job = claim();
      assertThat(job.deployment()).isEqualTo(overtaking);
      assertThat(job.builder()).isEqualTo("acme/builder:1");
      assertThat(job.buildpacks()).isEmpty();
      assertThat(lines(overtaking)).contains(dropped("./new ./other"));
      builder(null);
      assertThat(list()).isEmpty();
    }
  }

  @Test
  void or_a_dockerfile() {
    var begun = waiting("./new");
    var overtaking = push(NONE);
    begun.run();
    update("dockerfile", null, null, null);

    var job = claim();
    assertThat(job.formula()).isEqualTo("dockerfile");
    assertThat(job.buildpacks()).isEmpty();
    assertThat(lines(overtaking)).contains(dropped("./new"));
  }

  @Test
  void or_somebody_set_another_list() {
    list("./known");
    var begun = waiting("./new");
    var overtaking = push(NONE);
    list(new String[0]);
    begun.run();

    assertThat(claim().buildpacks()).isEmpty();
    assertThat(lines(overtaking)).doesNotContain(dropped("./new"));
    assertThat(list()).isEmpty();
  }

  @Test
  void or_the_overtaken_one_was_cancelled() throws Exception {
    list("./known");
    var begun = waiting("./new");
    // What a cancellation writes first: the engine, which ends it, is not woken.
    platform.sql("UPDATE deployment SET cancel = true WHERE version = 1");
    var overtaking = push(NONE);
    begun.run();

    assertThat(claim().buildpacks()).containsExactly("./known");
    end(overtaking, built());
    assertThat(list()).containsExactly("./known");
  }

  @Test
  void another_list_takes_none_back_that_was_chosen_or_that_is_built_with_already()
      throws Exception {
    var begun = waiting("./new");
    list("./newer");
    begun.run();
    var chosen = claim();
    assertThat(chosen.buildpacks()).containsExactly("./new");

    push(named("./third"));
    var overtaking = push(NONE);
    end(chosen.deployment(), built());
    assertThat(claim().buildpacks()).containsExactly("./third");
    list("./last");
    assertThat(claimLost(overtaking).buildpacks()).containsExactly("./third");
    end(overtaking, built());
    assertThat(list()).containsExactly("./last");
  }

  @Test
  void a_dockerfile_or_an_image_that_overtakes_passes_the_buildpacks_on_while_it_waits() {
    var begun = waiting("./new");
    push(new GitWire.Choices(null, "dockerfile", null));
    image();
    var last = push(NONE);
    begun.run();

    assertThat(claim().buildpacks()).containsExactly("./new");
    end(last, built());
    assertThat(list()).containsExactly("./new");
  }

  @Test
  void and_says_that_they_are_gone_when_it_is_taken() {
    var begun = waiting("./new");
    var dockerfile = push(new GitWire.Choices(null, "dockerfile", null));
    begun.run();
    assertThat(claim().buildpacks()).isEmpty();
    assertThat(lines(dockerfile)).contains(dropped("./new"));

    begun = waiting("./new");
    var image = image();
    begun.run();
    assertThat(claim().buildpacks()).isEmpty();
    assertThat(lines(image)).contains(dropped("./new"));

    push(NONE);
    assertThat(claim().buildpacks()).isEmpty();
    assertThat(list()).isEmpty();
  }

  private String image() {
    var path = Route.DEPLOY_IMAGE.with("shop", "shop");
    var wish = new Views.DeployImage("ghcr.io/ada/shop:1");
    return platform.admin().send("POST", path, wish, DeploymentView.class).id();
  }

  @Test
  void a_build_that_is_taken_again_has_the_buildpacks_of_the_first_time() throws Exception {
    list("./a", "./b");
    update(null, "api", null, null);
    var id = push(NONE);
    var first = claim();
    list("./c");
    update("buildpack", "web", null, null);
    var second = claimLost(id);

    assertThat(second.deployment()).isEqualTo(id);
    assertThat(second.buildpacks()).isEqualTo(first.buildpacks()).containsExactly("./a", "./b");
    assertThat(second.root()).isEqualTo(first.root()).isEqualTo("api");
    assertThat(second.formula()).isEqualTo(first.formula()).isNull();
  }

  @Test
  void nor_does_it_get_another_dockerfile_stage_or_builder() throws Exception {
    update("dockerfile", null, "a/Dockerfile", "one");
    var id = push(NONE);
    claim();
    update("dockerfile", null, "b/Dockerfile", "two");
    var again = claimLost(id);
    assertThat(again.dockerfile()).isEqualTo("a/Dockerfile");
    assertThat(again.stage()).isEqualTo("one");
    end(id, refused());

    update("buildpack", null, null, null);
    builder("acme/builder:1");
    var other = push(NONE);
    assertThat(claim().builder()).isEqualTo("acme/builder:1");
    builder("acme/builder:2");
    assertThat(claimLost(other).builder()).isEqualTo("acme/builder:1");
  }
}
