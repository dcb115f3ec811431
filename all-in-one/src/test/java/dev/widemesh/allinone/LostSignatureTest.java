package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Back to a deployment whose image has lost its signature: in the registry, and in the memory of
/// the rack that saw it once. A platform of its own: its rack runner is killed.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-10")
@Tag("DEP-11")
@Tag("nightly")
class LostSignatureTest {
  @Test
  void what_is_known_is_signed_anew_and_started_and_anything_else_is_not() throws Exception {
    try (var platform = TestPlatform.start()) {
      var app = App.create(platform, platform.environmentOf("lost"), "shop");
      app.site("one").commit("one").push().ok();
      app.site("two").commit("two").push().ok();
      var one = image(app, 0);
      var two = image(app, 1);

      forget(platform, one);
      try (var watch = ContainerWatch.of(platform, "dev.widemesh.stack=shop", "shop")) {
        app.mesh("rollback", "v0").ok();
        assertThat(watch.made()).isNotEmpty();
      }
      assertThat(app.answer()).startsWith("one");
      assertThat(signature(platform, one)).as("nothing starts without").isRegularFile();

      Files.delete(copy(platform, two));
      forget(platform, two);
      try (var watch = ContainerWatch.of(platform, "dev.widemesh.stack=shop", "shop")) {
        refused(app, two);
        assertThat(watch.made()).as("nothing starts unsigned").isEmpty();
      }
      assertThat(signature(platform, two)).doesNotExist();

      app.commit("the same again").push().ok();
      assertThat(app.answer()).startsWith("two");
      assertThat(signature(platform, image(app, 4))).isRegularFile();
    }
  }

  private static void refused(App app, String image) throws IOException {
    var refused = app.mesh("rollback", "v1");

    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.all())
        .contains("the image " + image + " is not signed by this platform")
        .contains("push");
    assertThat(app.answer()).startsWith("one");
  }

  /// As if the registry had lost it, and nobody here had ever seen it.
  private static void forget(TestPlatform platform, String image) throws IOException {
    Files.delete(signature(platform, image));
    var before = platform.pidOf("rack-runner");
    Files.delete(platform.data.resolve("rack/state/signatures.sealed"));
    platform.kill("rack-runner");
    Await.until(
        "another runs in its place",
        Duration.ofSeconds(30),
        () -> platform.pidOf("rack-runner") != before);
  }

  private static String image(App app, int version) throws IOException {
    var shown = app.mesh("deployments", "show", "v" + version, "--json").ok().out();
    return Json.MAPPER.readTree(shown).path("image").asText();
  }

  private static Path signature(TestPlatform platform, String image) {
    var at = image.indexOf('@');
    return platform.data.resolve(
        "control/registry/repositories/%s/_tags/%s.sig"
            .formatted(image.substring(0, at), image.substring(at + 1).replace(':', '-')));
  }

  /// The builder's, by which an image is known as the platform's own.
  private static Path copy(TestPlatform platform, String image) {
    var hash = Hashing.sha256().hashString(image, StandardCharsets.UTF_8);
    return platform.data.resolve("control/builder/signed/sha256-" + hash);
  }
}
