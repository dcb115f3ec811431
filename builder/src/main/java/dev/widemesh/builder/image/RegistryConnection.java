package dev.widemesh.builder.image;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/// Speaks to the platform's own registry: plain HTTP, credentials with every request, connections
/// kept. Jib's client tries TLS twice before every push and never reuses a connection.
final class RegistryConnection {
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration TRANSFER = Duration.ofMinutes(10);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final URI base;
  private final String authorization;

  RegistryConnection(String address, String user, String password) {
    base = URI.create("http://" + address + "/v2/");
    var secret = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    authorization = "Basic " + Base64.getEncoder().encodeToString(secret);
  }

  String address() {
    return base.getAuthority();
  }

  boolean hasBlob(String repository, String digest) throws IOException {
    var request =
        to(repository + "/blobs/" + digest).method("HEAD", BodyPublishers.noBody()).build();
    return send(request, 200, 404).statusCode() == 200;
  }

  /// Links a blob of another repository, if that has it.
  boolean mount(String repository, String digest, String from) throws IOException {
    var query = "?mount=" + encoded(digest) + "&from=" + encoded(from);
    var answer = send(post(repository, query), 201, 202);
    if (answer.statusCode() == 202) {
      send(to(location(answer)).DELETE().build(), 204, 404);
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
    var location = location(send(post(repository, ""), 202));
    var request = to(location + "?digest=" + encoded(digest)).timeout(TRANSFER).PUT(body);
    send(request.header("Content-Type", "application/octet-stream").build(), 201);
  }

  void pushManifest(String repository, String reference, String mediaType, byte[] content)
      throws IOException {
    var request = to(repository + "/manifests/" + reference).header("Content-Type", mediaType);
    send(request.PUT(BodyPublishers.ofByteArray(content)).build(), 201);
  }

  byte[] manifest(String repository, String reference) throws IOException {
    return findManifest(repository, reference)
        .orElseThrow(
            () ->
                new IOException(
                    "the registry at %s has no manifest %s in %s"
                        .formatted(address(), reference, repository)));
  }

  Optional<byte[]> findManifest(String repository, String reference) throws IOException {
    var answer = send(to(repository + "/manifests/" + reference).build(), 200, 404);
    return Optional.of(answer).filter(it -> it.statusCode() == 200).map(HttpResponse::body);
  }

  byte[] blob(String repository, String digest) throws IOException {
    return findBlob(repository, digest)
        .orElseThrow(
            () ->
                new IOException(
                    "the registry at %s has no blob %s in %s"
                        .formatted(address(), digest, repository)));
  }

  Optional<byte[]> findBlob(String repository, String digest) throws IOException {
    var answer = send(to(repository + "/blobs/" + digest).build(), 200, 404);
    return Optional.of(answer).filter(it -> it.statusCode() == 200).map(HttpResponse::body);
  }

  private HttpRequest post(String repository, String query) {
    return to(repository + "/blobs/uploads/" + query).POST(BodyPublishers.noBody()).build();
  }

  private static String location(HttpResponse<byte[]> answer) {
    return answer.headers().firstValue("Location").orElse("");
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(base.resolve(path))
        .timeout(ANSWER)
        .header("Authorization", authorization);
  }

  private HttpResponse<byte[]> send(HttpRequest request, int... expected) throws IOException {
    try {
      var answer = http.send(request, BodyHandlers.ofByteArray());
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
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while talking to the registry at " + address(), e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
