package dev.widemesh.builder.registry;

import static dev.widemesh.builder.registry.RegistryClient.digest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import dev.widemesh.builder.image.RunningRegistry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Blobs of which the disk has a part only.
@DisplayNameGeneration(ReplaceUnderscores.class)
class CutBlobTest {
  private static final String REPOSITORY = "apps/one";

  @TempDir private Path folder;
  private RunningRegistry running;
  private RegistryClient client;

  @BeforeEach
  void start() {
    running = RunningRegistry.in(folder.resolve("store"));
    client = RegistryClient.of(running, RunningRegistry.MANAGER);
  }

  @AfterEach
  void stop() {
    client.close();
    running.close();
  }

  @Test
  void it_is_not_there_and_whoever_pushes_it_makes_it_whole() throws Exception {
    push("a", "all of it");
    cut(digest("all of it"));

    assertThat(status("HEAD", "a")).isEqualTo(404);
    assertThat(status("GET", "a")).isEqualTo(404);
    var mount = "/v2/b/blobs/uploads/?from=a&mount=" + digest("all of it");
    assertThat(client.call("POST", mount, "").statusCode()).isEqualTo(202);

    push("a", "all of it");
    assertThat(client.call("GET", "/v2/a/blobs/" + digest("all of it"), "").body())
        .isEqualTo("all of it");
    assertThat(client.call("POST", mount, "").statusCode()).isEqualTo(201);
    assertThat(status("HEAD", "b")).isEqualTo(200);
  }

  private void push(String repository, String text) throws Exception {
    var path = "/v2/" + repository + "/blobs/uploads/?digest=" + digest(text);
    assertThat(client.call("POST", path, text).statusCode()).isEqualTo(201);
  }

  private int status(String method, String repository) throws Exception {
    var path = "/v2/" + repository + "/blobs/" + digest("all of it");
    return client.call(method, path, "").statusCode();
  }

  @Test
  void an_image_lacks_it_and_has_it_again_when_it_is_pushed() throws Exception {
    var exporter = running.exporter(folder.resolve("cache"));
    var image = push(exporter);
    var layer = largest();
    var link = link(layer);
    assertThat(Files.readString(link)).isEqualTo(String.valueOf(Files.size(layer)));

    cut(layer);
    lacks(image, layer);
    assertThat(push(exporter)).isEqualTo(image);
    assertThat(running.registry().lacks(image)).isEmpty();

    // An earlier release did not write down how much it is: the manifest says it.
    cut(layer);
    Files.write(link, new byte[0]);
    lacks(image, layer);
    assertThat(push(exporter)).isEqualTo(image);
    assertThat(running.registry().lacks(image)).isEmpty();
    assertThat(Files.readString(link)).isEqualTo(String.valueOf(Files.size(layer)));
  }

  private void lacks(String image, Path layer) throws IOException {
    assertThat(running.registry().lacks(image))
        .containsExactly("all of the blob sha256:%s of %s".formatted(layer.getFileName(), image));
  }

  private String push(ImageExporter exporter) throws IOException {
    var random = new byte[100_000];
    new Random(1).nextBytes(random);
    var layer =
        LayerTar.named("one").file("one", random, 0644, Owner.ROOT).write(folder.resolve("layers"));
    var settings =
        new ImageRecipe.Settings(Map.of(), Map.of(), "0:0", "/", List.of(), List.of(), Set.of());
    return exporter
        .push(new ImageRecipe(REPOSITORY, Optional.empty(), List.of(layer), settings))
        .reference();
  }

  private Path largest() throws IOException {
    try (var blobs = Files.list(folder.resolve("store/blobs/sha256"))) {
      return blobs.filter(blob -> blob.toFile().length() > 50_000).findFirst().orElseThrow();
    }
  }

  private Path link(Path blob) {
    return folder.resolve(
        "store/repositories/%s/_blobs/sha256-%s".formatted(REPOSITORY, blob.getFileName()));
  }

  private void cut(String digest) throws IOException {
    cut(folder.resolve("store/blobs/" + digest.replace(':', '/')));
  }

  /// As a power cut, or an operator's hand, leaves it.
  private static void cut(Path blob) throws IOException {
    try (var file = FileChannel.open(blob, StandardOpenOption.WRITE)) {
      file.truncate(file.size() - 5);
    }
  }
}
