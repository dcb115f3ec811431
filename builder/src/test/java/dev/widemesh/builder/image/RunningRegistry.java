package dev.widemesh.builder.image;

import dev.widemesh.builder.registry.Registry;
import dev.widemesh.builder.registry.RegistryConfig;
import dev.widemesh.builder.registry.RegistryConfig.Credential;
import dev.widemesh.builder.registry.Rights;
import dev.widemesh.model.SigningKey;
import java.nio.file.Path;
import java.util.List;

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

  @Override
  public void close() {
    registry.close();
  }
}
