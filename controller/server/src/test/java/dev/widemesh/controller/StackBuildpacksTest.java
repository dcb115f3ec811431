package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import dev.widemesh.api.Views.Buildpacks;
import dev.widemesh.api.Views.ChangeBuildpacks;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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
class StackBuildpacksTest {
  private static Platform platform;

  @BeforeAll
  static void start() {
    platform = Platform.start();
  }

  @AfterAll
  static void end() {
    platform.close();
  }

  private static List<String> change(String stack, ChangeBuildpacks wish) {
    var path = Route.CHANGE_BUILDPACKS.with(stack, stack);
    return platform.admin().send("PATCH", path, wish, Buildpacks.class).references();
  }

  private static ChangeBuildpacks set(String... references) {
    return new ChangeBuildpacks(List.of(references), null, null, null);
  }

  private static ChangeBuildpacks add(boolean first, String... references) {
    return new ChangeBuildpacks(null, List.of(references), null, first);
  }

  private static ChangeBuildpacks remove(String... references) {
    return new ChangeBuildpacks(null, null, List.of(references), null);
  }

  @Test
  void the_list_is_kept_in_its_order() {
    platform.stack("kept");
    assertThat(platform.admin().get(path("kept"), Buildpacks.class).references()).isEmpty();

    assertThat(change("kept", set("./mine", "widemesh/nodejs"))).hasSize(2);
    assertThat(change("kept", add(false, "https://host/a.git#v1")))
        .containsExactly("./mine", "widemesh/nodejs", "https://host/a.git#v1");
    assertThat(change("kept", add(true, "docker://host/a:1"))).startsWith("docker://host/a:1");
    assertThat(change("kept", remove("./mine", "docker://host/a:1")))
        .containsExactly("widemesh/nodejs", "https://host/a.git#v1");
    assertThat(platform.admin().get(path("kept"), Buildpacks.class).references())
        .containsExactly("widemesh/nodejs", "https://host/a.git#v1");
    assertThat(change("kept", set())).isEmpty();
  }

  @Test
  void the_builder_is_told() throws Exception {
    var stack = platform.stack("told");
    change("told", set("./mine"));
    var built = Platform.built("apps/told@sha256:1", Map.of("web", "run"));
    try (var builder = new PlayedBuilder(platform, _ -> built)) {
      platform.push(stack, "%040x".formatted(1));

      assertThat(builder.awaitJob().buildpacks()).containsExactly("./mine");
    }
  }

  private static String path(String stack) {
    return Route.GET_BUILDPACKS.with(stack, stack);
  }

  @Test
  void what_cannot_be_is_refused_and_changes_nothing() {
    platform.stack("refused");
    change("refused", set("./mine"));

    refuses(add(false, "http://host/a.git"), "bad-buildpack");
    refuses(add(false, "./mine"), "buildpack-twice");
    refuses(remove("./mien"), "no-such-buildpack");
    var many = IntStream.range(0, 21).mapToObj(i -> "./m" + i).toArray(String[]::new);
    refuses(set(many), "too-many-buildpacks");
    assertThat(platform.admin().get(path("refused"), Buildpacks.class).references())
        .containsExactly("./mine");
  }

  /// Of an earlier release, which took it.
  @Test
  void a_list_with_an_address_that_has_a_query_can_be_changed() throws Exception {
    platform.stack("queried");
    try (var connection = DriverManager.getConnection(platform.jdbc());
        var update = connection.createStatement()) {
      assertThat(
              update.executeUpdate(
                  "UPDATE stack SET buildpacks = '{https://host/a.tgz?x=1}' WHERE name = 'queried'"))
          .isEqualTo(1);
    }

    assertThat(change("queried", add(false, "./mine"))).hasSize(2);
    assertThat(change("queried", remove("./mine"))).containsExactly("https://host/a.tgz?x=1");
    assertThatThrownBy(() -> change("queried", add(false, "https://host/b.tgz?x=1")))
        .isInstanceOfSatisfying(
            ApiException.class,
            e ->
                assertThat(e.problem().nextStep())
                    .startsWith("put it where its address needs no query"));
    assertThat(change("queried", remove("https://host/a.tgz?x=1"))).isEmpty();
  }

  private static void refuses(ChangeBuildpacks wish, String code) {
    assertThatThrownBy(() -> change("refused", wish))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.problem().code()).isEqualTo(code));
  }

  @Test
  void a_stack_with_a_dockerfile_takes_none() {
    platform.stack("docked");
    update("docked", "dockerfile");

    assertThatThrownBy(() -> change("docked", set("./mine")))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo("built-by-dockerfile");
              assertThat(e.problem().nextStep()).startsWith("mesh stack update docked --buildpack");
            });
    assertThat(change("docked", set())).isEmpty();
    // What it says is what helps.
    update("docked", "buildpack");
    assertThat(change("docked", set("./mine"))).containsExactly("./mine");
  }

  @Test
  void a_stack_that_names_some_takes_no_dockerfile_until_it_names_none() {
    platform.stack("named");
    change("named", set("./mine"));

    assertThatThrownBy(() -> update("named", "dockerfile"))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo("names-buildpacks");
              assertThat(e.problem().nextStep())
                  .startsWith("mesh stack buildpacks set --none --stack named");
            });
    assertThat(formula("named")).isEqualTo("auto");
    assertThat(update("named", "buildpack").formula()).isEqualTo("buildpack");
    change("named", set());
    assertThat(update("named", "dockerfile").formula()).isEqualTo("dockerfile");
  }

  private static Views.Stack update(String stack, String formula) {
    var change = new Views.UpdateStack(formula, null, null, null);
    var path = Route.UPDATE_STACK.with(stack, stack);
    return platform.admin().send("PATCH", path, change, Views.Stack.class);
  }

  private static String formula(String stack) {
    return platform.admin().get(Route.GET_STACK.with(stack, stack), Views.Stack.class).formula();
  }
}
