package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire.SecretNames;
import dev.widemesh.api.BuildWire.SecretValues;
import dev.widemesh.api.Route;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// The secret configuration that a Dockerfile mounts, asked from the controller by name.
record BuildSecrets(ApiClient controller) {
  /// Those that the stack has; `claim` must hold the build.
  Map<String, String> of(String deployment, String claim, Set<String> names) throws IOException {
    try {
      var path = Route.BUILD_SECRETS.with(deployment);
      return controller
          .send("POST", path, new SecretNames(claim, names), SecretValues.class)
          .values();
    } catch (ApiException e) {
      throw new IOException("the secrets of the build cannot be read: " + e.getMessage(), e);
    }
  }
}
