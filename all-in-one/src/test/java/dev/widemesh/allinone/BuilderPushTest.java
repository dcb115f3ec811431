package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A stack with a builder of others, from the command to the answer.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
@Tag("BLD-10")
@Tag("BLD-11")
@Tag("nightly")
class BuilderPushTest {
  /// Of `publish`.
  private static final int NO_GO = 3;

  private static PrivateRegistry registry;
  private static TestPlatform platform;

  @BeforeAll
  static void start() throws IOException {
    registry = PrivateRegistry.start();
    platform = TestPlatform.startWith(Map.of("WIDEMESH_REGISTRIES", registry.host()));
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
    registry.close();
  }

  private static String builder() {
    return registry.host() + "/acme/builder:1";
  }

  /// It stands on an image that the engine has since a site was pushed.
  private static void publish() throws IOException {
    var site = App.create(platform, platform.environmentOf("site"), "site").site("a site\n");
    site.commit("a site").push().ok();
    var container = platform.containers("site").getFirst();
    var base = registry.docker("inspect", "--format", "{{.Config.Image}}", container).strip();
    var argv =
        List.of(
            TestPlatform.HOME.resolve("builder/src/test/stock/publish").toString(),
            base,
            builder(),
            registry.host() + "/acme/run:1");
    var variables =
        Map.of(
            "CACHE",
            TestPlatform.CACHE.toString(),
            "DOCKER_CONFIG",
            registry.ownersConfig().toString());
    var published = Shell.run(platform.folder, variables, argv);
    assumeTrue(published.exitCode() != NO_GO, published.err());
    published.ok();
  }

  @Test
  void a_push_a_changed_line_and_nothing_new() throws Exception {
    publish();
    var app = App.create(platform, platform.environmentOf("stock"), "words");
    registry.logIn(platform, app.environment, PrivateRegistry.PASSWORD).ok();
    app.mesh("stack", "set-builder", builder()).ok();

    var first = app.write("words.txt", "hello\n").commit("hello").push().ok();
    assertThat(first.err()).contains("Builder " + builder(), "tools are made");
    assertThat(app.answer()).startsWith("grey x hello");
    madeOfBoth(app);

    var changed = app.write("words.txt", "bye\n").commit("bye").push().ok();
    assertThat(changed.err())
        .contains("tools were kept", "shown stays in the image")
        .containsPattern("Moved .* in 1 of \\d+ layers");
    assertThat(app.answer()).startsWith("grey x bye");

    try (var watch = ContainerWatch.of(platform, "dev.widemesh.build", "words")) {
      var same = app.commit("nothing new").push().ok();
      assertThat(same.err()).contains("nothing built").doesNotContain("tools were kept");
      assertThat(watch.made()).as("containers of builds").isEmpty();
      assertThat(app.answer()).startsWith("grey x bye");

      app.write("words.txt", "again\n").commit("again").push().ok();
      assertThat(watch.made()).isNotEmpty();
    }
    assertThat(app.answer()).startsWith("grey x again");
  }

  /// Builder and run image, by their digests, in what the platform signed.
  private static void madeOfBoth(App app) throws Exception {
    var shown = app.mesh("deployments", "show", "--json").ok().out();
    var image = Json.MAPPER.readTree(shown).path("image").asText();
    var at = image.indexOf('@');
    app.mesh("deployments", "sbom").ok();
    var statement =
        new OwnRegistry(platform).statement(image.substring(0, at), image.substring(at + 1));
    var uris =
        statement.at("/predicate/buildDefinition/resolvedDependencies").findValuesAsText("uri");
    assertThat(uris)
        .anyMatch(uri -> uri.matches(registry.host() + "/acme/builder(:1)?@sha256:[0-9a-f]{64}"))
        .anyMatch(uri -> uri.matches(registry.host() + "/acme/run(:1)?@sha256:[0-9a-f]{64}"));
  }
}
