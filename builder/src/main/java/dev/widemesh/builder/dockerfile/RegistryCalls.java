package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.transport.DockerHttpClient.Request;
import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.api.Json;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.model.RegistryHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/// Questions to a registry that the engine passes on, by its own rules of trust, and never answers
/// from what it has.
record RegistryCalls(Engine engine) {
  private static final int LONGEST = 100_000;

  /// `message` is empty where all is well.
  record Reply(int status, String message) {
    boolean isGood() {
      return status < 300;
    }
  }

  /// Do these credentials open it?
  Reply logIn(RegistryLogin login) throws IOException {
    var body = Json.write(credentials(login)).getBytes(StandardCharsets.UTF_8);
    return reply(
        Request.builder()
            .method("POST")
            .path("/auth")
            .putHeader("Content-Type", "application/json")
            .bodyBytes(body)
            .build());
  }

  /// Is this image there, for who has that login?
  Reply serves(String image, Optional<RegistryLogin> login) throws IOException {
    var said = Json.write(login.map(RegistryCalls::credentials).orElse(Map.of()));
    var header = Base64.getUrlEncoder().encodeToString(said.getBytes(StandardCharsets.UTF_8));
    return reply(
        Request.builder()
            .method("GET")
            .path("/distribution/" + image + "/json")
            .putHeader("X-Registry-Auth", header)
            .build());
  }

  private static Map<String, String> credentials(RegistryLogin login) {
    var hub = login.host().equals(RegistryHost.HUB.value());
    return Map.of(
        "username",
        login.user(),
        "password",
        login.password(),
        "serveraddress",
        hub ? "https://index.docker.io/v1/" : login.host());
  }

  private record Failure(String message) {}

  private Reply reply(Request request) throws IOException {
    try (var response = engine.http().execute(request)) {
      var text = new String(response.getBody().readNBytes(LONGEST), StandardCharsets.UTF_8);
      var status = response.getStatusCode();
      return new Reply(status, status < 300 ? "" : message(text));
    }
  }

  private static String message(String text) {
    try {
      return String.valueOf(Json.read(text, Failure.class).message());
    } catch (IllegalArgumentException _) {
      return "no reason given";
    }
  }
}
