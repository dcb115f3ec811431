package dev.widemesh.builder.image;

import dev.widemesh.builder.registry.Registry;
import dev.widemesh.builder.registry.RegistryConfig;
import dev.widemesh.builder.registry.RegistryConfig.Credential;
import dev.widemesh.builder.registry.Rights;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A registry for a test, and its credentials: who may do all, who may push, who may pull.
public record RunningRegistry(Registry registry) implements AutoCloseable {
  public static final String MANAGER = "manager";
  public static final String PUSHER = "builder";
  public static final String READER = "rack";
  public static final String PASSWORD = "s3cret-for-tests";
  public static final SigningKey KEY = SigningKey.generate();

  public static RunningRegistry in(Path store) {
    return in(store, _ -> true);
  }

  /// The reader may read only those.
  public static RunningRegistry in(Path store, Rights.Repositories read) {
    var credentials =
        List.of(
            new Credential(MANAGER, PASSWORD, new Rights.Manage()),
            new Credential(PUSHER, PASSWORD, new Rights.Push()),
            new Credential(READER, PASSWORD, new Rights.Pull(read)));
    return new RunningRegistry(
        Registry.start(new RegistryConfig(store, "127.0.0.1", 0, credentials)));
  }

  public ImageExporter exporter(Path cache) {
    return exporter(cache, KEY);
  }

  public ImageExporter exporter(Path cache, SigningKey key) {
    var signed = cache.resolveSibling("signed");
    return new ImageExporter(registry.address(), PUSHER, PASSWORD, cache, key, signed);
  }

  /// An image of one file, which is another in each repository. `work` is for what it is made of.
  public static String push(ImageExporter exporter, String repository, Path work)
      throws IOException {
    var layer =
        LayerTar.named("one")
            .file("of", repository.getBytes(StandardCharsets.UTF_8), 0644, Owner.ROOT)
            .write(work.resolve("layers"));
    var settings =
        new ImageRecipe.Settings(Map.of(), Map.of(), "0:0", "/", List.of(), List.of(), Set.of());
    return exporter
        .push(new ImageRecipe(repository, Optional.empty(), List.of(layer), settings))
        .reference();
  }

  @Override
  public void close() {
    registry.close();
  }
}
