package dev.widemesh.builder.image;

import dev.widemesh.builder.registry.Registry;
import dev.widemesh.builder.registry.RegistryConfig;
import dev.widemesh.builder.registry.RegistryConfig.Credential;
import java.nio.file.Path;
import java.util.List;

/// A registry for a test, and its credentials.
public record RunningRegistry(Registry registry) implements AutoCloseable {
  public static final String PUSHER = "builder";
  public static final String READER = "rack";
  public static final String PASSWORD = "s3cret-for-tests";

  public static RunningRegistry in(Path store) {
    var credentials =
        List.of(new Credential(PUSHER, PASSWORD, true), new Credential(READER, PASSWORD, false));
    return new RunningRegistry(
        Registry.start(new RegistryConfig(store, "127.0.0.1", 0, credentials)));
  }

  public ImageExporter exporter(Path cache) {
    return new ImageExporter(registry.address(), PUSHER, PASSWORD, cache);
  }

  @Override
  public void close() {
    registry.close();
  }
}
