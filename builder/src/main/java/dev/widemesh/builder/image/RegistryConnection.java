package dev.widemesh.builder.image;

import dev.widemesh.api.OwnRegistry;
import dev.widemesh.api.SignatureManifest;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Pushes to the platform's own registry, and reads there what pushes build on: credentials with
/// every request, connections kept. Jib's client tries TLS twice before every push and never reuses
/// a connection.
final class RegistryConnection {
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration TRANSFER = Duration.ofMinutes(10);

  private final OwnRegistry registry;

  RegistryConnection(String address, String user, String password) {
    registry = new OwnRegistry(address, user, password, ANSWER);
  }

  String address() {
    return registry.address();
  }

  /// Where signatures lie.
  SignatureManifest.Shelf shelf() {
    return registry;
  }

  boolean hasBlob(String repository, String digest) throws IOException {
    var request = registry.to(repository + "/blobs/" + digest).HEAD().build();
    return send(request, ANSWER, 200, 404).statusCode() == 200;
  }

  /// All of it, which has so many bytes.
  boolean hasBlob(String repository, String digest, long size) throws IOException {
    var request = registry.to(repository + "/blobs/" + digest).HEAD().build();
    var answer = send(request, ANSWER, 200, 404);
    return answer.statusCode() == 200
        && answer.headers().firstValueAsLong("Content-Length").orElse(size) == size;
  }

  /// Links a blob of another repository, if that has it.
  boolean mount(String repository, String digest, String from) throws IOException {
    var query = "?mount=" + encoded(digest) + "&from=" + encoded(from);
    var answer = send(post(repository, query), ANSWER, 201, 202);
    if (answer.statusCode() == 202) {
      send(registry.to(location(answer)).DELETE().build(), ANSWER, 204, 404);
    }
    return answer.statusCode() == 201;
  }

  void pushBlob(String repository, String digest, Path file) throws IOException {
    pushBlob(repository, digest, BodyPublishers.ofFile(file));
  }

  void pushBlob(String repository, String digest, byte[] content) throws IOException {
    pushBlob(repository, digest, BodyPublishers.ofByteArray(content));
  }

  private void pushBlob(String repository, String digest, BodyPublisher body) throws IOException {
    var location = location(send(post(repository, ""), ANSWER, 202));
    var request = registry.to(location + "?digest=" + encoded(digest)).PUT(body);
    send(request.header("Content-Type", "application/octet-stream").build(), TRANSFER, 201);
  }

  void pushManifest(String repository, String reference, String mediaType, byte[] content)
      throws IOException {
    var request =
        registry.to(repository + "/manifests/" + reference).header("Content-Type", mediaType);
    send(request.PUT(BodyPublishers.ofByteArray(content)).build(), ANSWER, 201);
  }

  byte[] manifest(String repository, String digest) throws IOException {
    return findManifest(repository, digest)
        .orElseThrow(() -> missing("manifest", repository, digest));
  }

  Optional<byte[]> findManifest(String repository, String digest) throws IOException {
    return registry.manifest(repository, digest);
  }

  /// Of an image, to be held in memory.
  byte[] configuration(String repository, String digest) throws IOException {
    return registry
        .blob(repository, digest, OwnRegistry.LARGEST)
        .orElseThrow(() -> missing("blob", repository, digest));
  }

  /// Content to be held in memory; nothing where there is none, or it is larger than that.
  Optional<byte[]> small(String repository, String digest) throws IOException {
    var request = registry.to(repository + "/blobs/" + digest).HEAD().build();
    var answer = send(request, ANSWER, 200, 404);
    var length = answer.headers().firstValueAsLong("Content-Length").orElse(Long.MAX_VALUE);
    return answer.statusCode() == 200 && length <= OwnRegistry.LARGEST
        ? registry.blob(repository, digest, OwnRegistry.LARGEST)
        : Optional.empty();
  }

  private IOException missing(String what, String repository, String digest) {
    return new IOException(
        "the registry at %s has no %s %s in %s".formatted(address(), what, digest, repository));
  }

  private HttpRequest post(String repository, String query) throws IOException {
    return registry
        .to(repository + "/blobs/uploads/" + query)
        .POST(BodyPublishers.noBody())
        .build();
  }

  private static String location(HttpResponse<byte[]> answer) {
    return answer.headers().firstValue("Location").orElse("");
  }

  private HttpResponse<byte[]> send(HttpRequest request, Duration limit, int... expected)
      throws IOException {
    var answer = registry.send(request, limit);
    for (var status : expected) {
      if (answer.statusCode() == status) {
        return answer;
      }
    }
    throw new IOException(
        "the registry at %s answered %d to %s %s: %s"
            .formatted(
                address(),
                answer.statusCode(),
                request.method(),
                request.uri().getPath(),
                new String(answer.body(), StandardCharsets.UTF_8)));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
