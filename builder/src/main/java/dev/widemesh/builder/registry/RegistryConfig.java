package dev.widemesh.builder.registry;

import java.nio.file.Path;
import java.util.List;

/// `port` 0 takes any free one. Everyone who reads or writes needs a credential, on loopback too.
public record RegistryConfig(Path store, String listen, int port, List<Credential> credentials) {
  public RegistryConfig {
    credentials = List.copyOf(credentials);
  }

  /// Without `mayPush` the holder reads only: what a rack gets.
  public record Credential(String user, String password, boolean mayPush) {
    @Override
    public String toString() {
      return "Credential[" + user + (mayPush ? ", may push]" : "]");
    }
  }
}
