package dev.widemesh.cli;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where the controller is, and the token that opens it.
record Login(String api, String token) {
  /// As it stands in the file: anything may be missing.
  private record Stored(@Nullable String api, @Nullable String token) {}

  /// `MESH_API` with `MESH_TOKEN`, else the file.
  static Login of(Session session) {
    var api = session.variable("MESH_API");
    var token = session.variable("MESH_TOKEN");
    if (api.isPresent() != token.isPresent()) {
      throw new Refusal(
          ExitCode.SIGNED_OUT,
          "only one of MESH_API and MESH_TOKEN is set",
          "set both, or neither to use " + file(session));
    }
    return api.isPresent() ? new Login(api.get(), token.orElseThrow()) : read(file(session));
  }

  static Path file(Session session) {
    return session
        .variable("MESH_LOGIN")
        .map(session::path)
        .orElseGet(() -> session.folder().resolve("login.json"));
  }

  private static Login read(Path file) {
    try {
      var stored = Json.read(Files.readString(file), Stored.class);
      if (stored.api() != null && stored.token() != null) {
        return new Login(stored.api(), stored.token());
      }
    } catch (java.nio.file.NoSuchFileException _) {
      throw new Refusal(
          ExitCode.SIGNED_OUT,
          "not signed in: there is no " + file,
          "./widemesh up on this machine, or mesh login --api URL");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalArgumentException _) {
      // Told below, with the rest of what can be wrong inside.
    }
    throw new Refusal(
        ExitCode.SIGNED_OUT, file + " holds no api and token", "mesh login --api URL");
  }

  void write(Path file) throws IOException {
    PrivateFile.write(file, Json.write(new Stored(api, token)) + "\n");
  }

  ApiClient client() {
    return new ApiClient(uri(), token.strip());
  }

  private URI uri() {
    try {
      var uri = URI.create(api.strip());
      var scheme = String.valueOf(uri.getScheme());
      if (uri.getHost() != null && (scheme.equals("http") || scheme.equals("https"))) {
        return uri;
      }
    } catch (IllegalArgumentException _) {
      // Told below.
    }
    throw Refusal.usage(
        "'%s' is not the address of a controller".formatted(api),
        "give it like http://127.0.0.1:7070");
  }
}
