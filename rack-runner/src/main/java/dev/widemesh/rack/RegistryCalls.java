package dev.widemesh.rack;

import dev.widemesh.api.ArtifactManifest;
import dev.widemesh.api.SignatureManifest;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/// What the rack itself asks the registry; images are pulled by Docker.
final class RegistryCalls implements SignatureManifest.Shelf {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /// Far more than a signature has.
  private static final int MOST_BYTES = 1 << 20;

  private static final String MANIFESTS =
      ArtifactManifest.MEDIA_TYPE + ",application/vnd.docker.distribution.manifest.v2+json";

  private final RackRunnerConfig config;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  RegistryCalls(RackRunnerConfig config) {
    this.config = config;
  }

  /// Only a clear answer counts: a registry that is silent or refuses has given up nothing.
  boolean lacks(String repository, String digest) throws IOException {
    var request = to(repository + "/manifests/" + digest).HEAD().build();
    return send(request, BodyHandlers.discarding()).statusCode() == 404;
  }

  @Override
  public Optional<byte[]> manifest(String repository, String tag) throws IOException {
    return get(repository + "/manifests/" + tag);
  }

  @Override
  public Optional<byte[]> blob(String repository, String digest) throws IOException {
    return get(repository + "/blobs/" + digest);
  }

  private Optional<byte[]> get(String path) throws IOException {
    var answer = send(to(path).build(), BodyHandlers.ofInputStream());
    try (var body = answer.body()) {
      var bytes = body.readNBytes(MOST_BYTES);
      return switch (answer.statusCode()) {
        case 200 -> Optional.of(bytes);
        case 404 -> Optional.empty();
        case 401, 403 -> throw new IOException("unauthorized: " + path);
        default ->
            throw new IOException(
                "the registry answered %d to %s".formatted(answer.statusCode(), path));
      };
    }
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + config.registry() + "/v2/" + path))
        .timeout(ANSWER)
        .header("Accept", MANIFESTS)
        .header("Authorization", "Basic " + secret());
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      return http.send(request, handler);
    } catch (ConnectException e) { // which mostly says no more
      throw new IOException("connection refused by the registry at " + config.registry(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking the registry", e);
    }
  }

  private String secret() {
    var secret = config.registryUser() + ":" + config.registryPassword();
    return Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
  }
}
