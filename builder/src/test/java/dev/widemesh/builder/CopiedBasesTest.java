package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.Mirrors;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CopiedBasesTest {
  @TempDir private Path folder;

  @Test
  @Tag("BLD-13")
  void base_images_come_from_the_registry_that_the_operator_named() throws IOException {
    try (var theirs = RunningRegistry.in(folder.resolve("theirs"));
        var ours = RunningRegistry.in(folder.resolve("ours"))) {
      publish(theirs);
      var bases = bases(theirs.registry().address() + "/company/base", ours);
      var lines = new ArrayList<String>();

      var base = bases.run(lines::add);

      var copy = ours.exporter(folder.resolve("cache")).inspect(base.reference());
      assertThat(base.reference()).startsWith("widemesh/run@sha256:");
      assertThat(copy.settings().env()).containsEntry("PATH", "/bin");
      assertThat(copy.settings().user()).isEqualTo("1000:1000");
      assertThat(copy.diffIds()).hasSize(1);
      assertThat(lines).singleElement().asString().contains("/company/base/run:13");
      assertThat(bases.run(_ -> {}).reference()).isEqualTo(base.reference());
    }
  }

  @Test
  void an_image_that_is_not_there_is_named() throws IOException {
    try (var theirs = RunningRegistry.in(folder.resolve("theirs"));
        var ours = RunningRegistry.in(folder.resolve("ours"))) {
      var bases = bases(theirs.registry().address() + "/nobody", ours);

      assertThatThrownBy(() -> bases.build(_ -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("/nobody/build:13");
    }
  }

  private void publish(RunningRegistry registry) throws IOException {
    var layer =
        LayerTar.named("base")
            .file("etc/base", "hello".getBytes(StandardCharsets.UTF_8), 0644, Owner.ROOT)
            .write(folder.resolve("layers"));
    var settings =
        new ImageRecipe.Settings(
            Map.of("PATH", "/bin"), Map.of(), "1000:1000", "/", List.of(), List.of(), Set.of());
    var pushed =
        registry
            .exporter(folder.resolve("their-cache"))
            .push(new ImageRecipe("company/base/run", Optional.empty(), List.of(layer), settings));
    tag(registry, pushed.reference());
  }

  /// What their pipeline does: name a digest `13`.
  private static void tag(RunningRegistry registry, String reference) throws IOException {
    var repository = reference.substring(0, reference.indexOf('@'));
    var digest = reference.substring(reference.indexOf('@') + 1);
    var manifests =
        "http://%s/v2/%s/manifests/".formatted(registry.registry().address(), repository);
    var manifest = connect(manifests + digest, "GET");
    var put = connect(manifests + "13", "PUT");
    put.setRequestProperty("Content-Type", manifest.getContentType());
    put.setDoOutput(true);
    try (var in = manifest.getInputStream();
        var out = put.getOutputStream()) {
      in.transferTo(out);
    }
    assertThat(put.getResponseCode()).isEqualTo(201);
  }

  private static java.net.HttpURLConnection connect(String url, String method) throws IOException {
    var connection = (java.net.HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setRequestMethod(method);
    connection.setRequestProperty("Authorization", "Basic " + secret());
    connection.setRequestProperty(
        "Accept",
        "application/vnd.oci.image.manifest.v1+json,"
            + "application/vnd.docker.distribution.manifest.v2+json");
    return connection;
  }

  private static String secret() {
    var secret = RunningRegistry.PUSHER + ":" + RunningRegistry.PASSWORD;
    return Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
  }

  private CopiedBases bases(String prefix, RunningRegistry ours) throws IOException {
    var host = prefix.substring(0, prefix.indexOf('/'));
    var login = "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(host, secret());
    var dockerConfig = Files.writeString(folder.resolve("config.json"), login);
    var config =
        new BuilderConfig(
            folder.resolve("data"),
            folder.resolve("cache"),
            folder,
            URI.create("http://127.0.0.1:9"),
            "none",
            "test",
            ours.registry(),
            RunningRegistry.PUSHER,
            RunningRegistry.PASSWORD,
            new BuilderConfig.Network(
                Optional.empty(), Map.of(), Mirrors.NONE, Optional.of(prefix), Set.of(), Set.of()),
            BuildLimits.USUAL,
            LifecycleConfig.CACHE_BYTES,
            RunningRegistry.KEY,
            Optional.empty());
    return new CopiedBases(prefix, dockerConfig, config);
  }
}
