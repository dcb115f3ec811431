package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ImageExporterTest {
  @TempDir Path folder;
  private RunningRegistry registry;

  @BeforeEach
  void start() {
    registry = RunningRegistry.in(folder.resolve("registry"));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  @Tag("BLD-10")
  void the_same_inputs_give_the_same_digest_from_two_caches() throws IOException {
    var first = registry.exporter(folder.resolve("cache-1")).push(recipe("one", "hello"));
    var second = registry.exporter(folder.resolve("cache-2")).push(recipe("one", "hello"));

    assertThat(second.reference()).isEqualTo(first.reference());
    assertThat(first.layersPushed()).isEqualTo(2);
    assertThat(second.layersReused()).isEqualTo(2);
    assertThat(second.bytesPushed()).isZero();
  }

  @Test
  void only_the_changed_layer_moves() throws IOException {
    var exporter = registry.exporter(folder.resolve("cache"));
    exporter.push(recipe("one", "hello"));

    var changed = exporter.push(recipe("one", "good bye"));

    assertThat(changed.layersPushed()).isEqualTo(1);
    assertThat(changed.layersReused()).isEqualTo(1);
  }

  @Test
  void an_image_is_pushed_whose_layers_are_larger_than_all_that_is_kept() throws IOException {
    var cache = folder.resolve("cache");
    var exporter =
        new ImageExporter(
            registry.registry().address(),
            RunningRegistry.PUSHER,
            RunningRegistry.PASSWORD,
            new CompressedLayers(cache, 10),
            RunningRegistry.KEY,
            folder.resolve("signed"));

    var pushed = exporter.push(recipe("one", "hello"));

    assertThat(pushed.layersPushed()).isEqualTo(2);
    assertThat(exporter.inspect(pushed.reference()).diffIds()).hasSize(2);
    assertThat(cache).isDirectoryNotContaining("glob:**.gz");
    assertThat(exporter.push(recipe("one", "hello")).layersReused()).isEqualTo(2);
  }

  @Test
  void another_repository_gets_known_layers_without_their_bytes_even_when_the_tar_is_gone()
      throws IOException {
    var exporter = registry.exporter(folder.resolve("cache"));
    var recipe = recipe("one", "hello");
    exporter.push(recipe);
    for (var layer : recipe.layers()) {
      Files.delete(layer.tar());
    }

    var other =
        exporter.push(new ImageRecipe("two", Optional.empty(), recipe.layers(), recipe.settings()));

    assertThat(other.layersReused()).isEqualTo(2);
    assertThat(other.bytesPushed()).isZero();
  }

  @Test
  void an_image_inherits_layers_environment_and_labels_of_its_base() throws IOException {
    var exporter = registry.exporter(folder.resolve("cache"));
    var base = exporter.push(recipe("base", "hello"));
    var layer = LayerTar.named("app").file("/app/x", bytes("x"), 0644, Owner.APP).write(folder);
    var own = settings(Map.of("OWN", "1"), Map.of("own", "label"), "", List.of("/bin/app"));

    var app =
        exporter.push(new ImageRecipe("app", Optional.of(base.reference()), List.of(layer), own));

    var config = exporter.inspect(app.reference());
    assertThat(config.settings().env()).containsEntry("OWN", "1").containsEntry("GREETING", "hi");
    assertThat(config.settings().labels()).containsKeys("own", "from");
    assertThat(config.settings().user()).isEqualTo("1000:1000");
    assertThat(config.settings().entrypoint()).containsExactly("/bin/app");
    assertThat(config.diffIds()).hasSize(3).endsWith(layer.diffId());
  }

  @Test
  void the_engine_pulls_it_by_digest_and_finds_links_and_modes() throws Exception {
    var pushed = registry.exporter(folder.resolve("cache")).push(recipe("pulled/app", "hello"));
    var address = registry.registry().address();
    var docker =
        Docker.loggedIn(
            folder.resolve("docker"), address, RunningRegistry.READER, RunningRegistry.PASSWORD);
    var image = address + "/" + pushed.reference();
    try {
      docker.succeed("pull", image);
      var container = docker.succeed("create", image, "/nothing");
      try {
        var tar = folder.resolve("out");
        docker.succeed("cp", "-a", container + ":/layers/tree", tar.toString());
        assertThat(tar.resolve("link")).isSymbolicLink();
        assertThat(Files.readSymbolicLink(tar.resolve("dangling"))).isEqualTo(Path.of("/nowhere"));
        assertThat(Files.getAttribute(tar.resolve("a"), "unix:nlink")).isEqualTo(2);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(tar.resolve("a"))))
            .isEqualTo("rwxr-x---");
      } finally {
        docker.succeed("rm", container);
      }
    } finally {
      docker.run("rmi", image);
    }
  }

  private ImageRecipe recipe(String repository, String content) throws IOException {
    var tree = folder.resolve("tree-" + content.hashCode());
    if (!Files.exists(tree)) {
      Files.createDirectories(tree.resolve("sub"));
      Files.writeString(tree.resolve("a"), "same");
      Files.setPosixFilePermissions(
          tree.resolve("a"), PosixFilePermissions.fromString("rwxr-x---"));
      Files.createLink(tree.resolve("sub/b"), tree.resolve("a"));
      Files.createSymbolicLink(tree.resolve("link"), Path.of("sub/b"));
      Files.createSymbolicLink(tree.resolve("dangling"), Path.of("/nowhere"));
    }
    var store = folder.resolve("tars");
    var layers =
        List.of(
            LayerTar.of("tree", tree, "/layers/tree", Owner.APP, store),
            LayerTar.named("greeting")
                .file("/etc/greeting", bytes(content), 0644, Owner.ROOT)
                .write(store));
    var settings =
        settings(
            Map.of("GREETING", "hi", "PATH", "/bin"),
            Map.of("from", "test"),
            "1000:1000",
            List.of());
    return new ImageRecipe(repository, Optional.empty(), layers, settings);
  }

  private static ImageRecipe.Settings settings(
      Map<String, String> env, Map<String, String> labels, String user, List<String> entrypoint) {
    return new ImageRecipe.Settings(env, labels, user, "", entrypoint, List.of(), Set.of(8080));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
