package dev.widemesh.rack;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.AuthConfig;
import dev.widemesh.api.OwnRegistry;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import dev.widemesh.builder.registry.Registry;
import dev.widemesh.builder.registry.RegistryConfig;
import dev.widemesh.builder.registry.Rights;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Here because it needs both the builder's registry and the rack's Docker.
@DisplayNameGeneration(ReplaceUnderscores.class)
class ImageJanitorTest {
  @TempDir private Path folder;

  @Test
  @Tag("ENV-3")
  void an_image_goes_from_the_server_when_the_registry_gave_it_up_and_not_before()
      throws IOException, InterruptedException {
    var credentials = List.of(new RegistryConfig.Credential("both", "secret", new Rights.Push()));
    var store = new RegistryConfig(folder.resolve("store"), "127.0.0.1", 0, credentials);
    try (var registry = Registry.start(store);
        var engine = Engine.connect()) {
      var app = pulled(engine, registry, "apps/janitor");
      var base = pulled(engine, registry, "widemesh/build");
      var config = config(registry);
      var asked = new OwnRegistry(registry.address(), "both", "secret", Duration.ofSeconds(10));
      var janitor = new ImageJanitor(engine, config, asked);

      janitor.round();
      assertThat(engine.imagesFrom(registry.address())).containsExactlyInAnyOrder(app, base);

      registry.collect(Set.of(), Instant.now());
      janitor.round();
      assertThat(engine.imagesFrom(registry.address()))
          .as("the builder's stays")
          .containsExactly(base);
      assertThat(engine.removeImage(base)).isTrue();
    }
  }

  private String pulled(Engine engine, Registry registry, String repository)
      throws IOException, InterruptedException {
    var reference = registry.address() + "/" + push(registry, repository);
    engine.pull(reference, login(registry), Duration.ofMinutes(1));
    return reference;
  }

  private String push(Registry registry, String repository) throws IOException {
    var layer =
        LayerTar.named("one")
            .file("one", repository.getBytes(StandardCharsets.UTF_8), 0644, Owner.ROOT)
            .write(folder.resolve("layers"));
    var settings =
        new ImageRecipe.Settings(Map.of(), Map.of(), "0:0", "/", List.of(), List.of(), Set.of());
    return new ImageExporter(
            registry.address(),
            "both",
            "secret",
            folder.resolve("cache"),
            SigningKey.generate(),
            folder.resolve("signed"))
        .push(new ImageRecipe(repository, Optional.empty(), List.of(layer), settings))
        .reference();
  }

  private static AuthConfig login(Registry registry) {
    return new AuthConfig()
        .withUsername("both")
        .withPassword("secret")
        .withRegistryAddress(registry.address());
  }

  private RackRunnerConfig config(Registry registry) {
    return new RackRunnerConfig(
        folder.resolve("rack"),
        "jani",
        "local",
        "local",
        URI.create("http://127.0.0.1:9"),
        "none",
        registry.address(),
        "both",
        "secret",
        "10.213.0.0/16",
        folder.resolve("s"),
        "127.0.0.1",
        0,
        0,
        RackRunnerConfig.INSTANCE_DISK,
        Optional.empty());
  }
}
