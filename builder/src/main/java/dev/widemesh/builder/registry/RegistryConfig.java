package dev.widemesh.builder.registry;

import java.nio.file.Path;
import java.util.List;

/// `port` 0 takes any free one. Everyone who reads or writes needs a credential, on loopback too.
public record RegistryConfig(Path store, String listen, int port, List<Credential> credentials) {
  public RegistryConfig {
    credentials = List.copyOf(credentials);
  }

  public record Credential(String user, String password, Rights rights) {
    @Override
    public String toString() {
      return "Credential[" + user + ", " + rights.getClass().getSimpleName() + "]";
    }
  }
}
