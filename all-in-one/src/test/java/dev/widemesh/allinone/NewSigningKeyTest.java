package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A platform that gets another key has to sign anew what it has, as one that is upgraded to signed
/// images.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
class NewSigningKeyTest {
  private static final String WAITS = "waits: its image is not signed";

  @Test
  @Tag("BLD-10")
  void what_is_deployed_meanwhile_waits_and_is_live_once_its_image_is_signed() throws Exception {
    try (var platform = TestPlatform.start()) {
      var app = App.create(platform, platform.environmentOf("anew"), "shop");
      app.node("old").commit("old").push().ok();
      platform.widemesh("down").ok();
      Files.delete(platform.data.resolve("secrets/signing.key"));
      var registry = platform.data.resolve("control/registry");
      var tag = tag(registry.resolve("repositories/apps"));
      var blobs = registry.resolve("blobs/sha256");
      var payload = payload(blobs, tag);
      Files.delete(tag);
      // Where the signature's text should go there is no place for it.
      Files.delete(payload);
      Files.createDirectory(payload);
      platform.up();

      var change = CompletableFuture.supplyAsync(() -> app.mesh("config", "set", "GREETING=hi"));
      awaitLine(platform);
      assertThat(app.answer()).startsWith("old");
      Files.delete(payload);

      var done = change.get(2, TimeUnit.MINUTES).ok();
      assertThat(done.all()).contains(WAITS);
      assertThat(app.answer()).startsWith("old hi");
      assertThat(tag).isRegularFile();
    }
  }

  private static Path tag(Path repositories) throws IOException {
    try (var files = Files.walk(repositories)) {
      return files.filter(file -> file.toString().endsWith(".sig")).findFirst().orElseThrow();
    }
  }

  private static Path payload(Path blobs, Path tag) throws IOException {
    var manifest = blobs.resolve(hex(Files.readString(tag)));
    var layer = Json.MAPPER.readTree(manifest.toFile()).path("layers").path(0);
    return blobs.resolve(hex(layer.path("digest").asText()));
  }

  private static String hex(String digest) {
    return digest.replace("sha256:", "");
  }

  private static void awaitLine(TestPlatform platform)
      throws IOException, SQLException, InterruptedException {
    var deadline = Instant.now().plusSeconds(60);
    try (var database = platform.database();
        var query =
            database.prepareStatement(
                "SELECT 1 FROM deployment_output WHERE text LIKE '%' || ? || '%'")) {
      query.setString(1, WAITS);
      while (!query.executeQuery().next()) {
        assertThat(Instant.now()).as("nothing says that it waits").isBefore(deadline);
        Thread.sleep(100);
      }
    }
  }
}
