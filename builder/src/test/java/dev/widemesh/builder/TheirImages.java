package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.Zstd;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.image.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.zip.GZIPInputStream;

/// What lies in a registry, for who may do everything there; tags are `1`.
record TheirImages(String address, HttpClient http) implements AutoCloseable {
  private static final String OCI = "application/vnd.oci.image.";
  private static final String MANIFESTS =
      OCI + "manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

  TheirImages(RunningRegistry registry) {
    this(registry.registry().address(), HttpClient.newHttpClient());
  }

  /// `<address>/<repository>:<tag>@<digest>`
  String pinned(String repository, String tag) throws IOException, InterruptedException {
    var answer = send(repository + "/manifests/" + tag, "HEAD", BodyPublishers.noBody(), MANIFESTS);
    assertThat(answer.statusCode()).isEqualTo(200);
    var digest = answer.headers().firstValue("Docker-Content-Digest").orElseThrow();
    return "%s/%s:%s@%s".formatted(address, repository, tag, digest);
  }

  /// The same image under another name.
  void copy(String from, String to) throws IOException, InterruptedException {
    copy(from, to, false);
  }

  /// The same, but its layers are packed with zstd.
  void copyWithZstd(String from, String to) throws IOException, InterruptedException {
    copy(from, to, true);
  }

  private void copy(String from, String to, boolean withZstd)
      throws IOException, InterruptedException {
    var manifest = (ObjectNode) Json.MAPPER.readTree(get(from + "/manifests/1"));
    put(to, get(from + "/blobs/" + manifest.at("/config/digest").asText()));
    manifest.put("mediaType", OCI + "manifest.v1+json");
    ((ObjectNode) manifest.path("config")).put("mediaType", OCI + "config.v1+json");
    for (var layer : manifest.path("layers")) {
      var packed = get(from + "/blobs/" + layer.path("digest").asText());
      var content = withZstd ? Zstd.compress(unpacked(packed)) : packed;
      var type = OCI + "layer.v1.tar+" + (withZstd ? "zstd" : "gzip");
      ((ObjectNode) layer)
          .put("mediaType", type)
          .put("digest", Sha256.of(content))
          .put("size", content.length);
      put(to, content);
    }
    var text = BodyPublishers.ofString(manifest.toString());
    var answer = send(to + "/manifests/1", "PUT", text, OCI + "manifest.v1+json");
    assertThat(answer.statusCode()).isEqualTo(201);
  }

  private static byte[] unpacked(byte[] gzip) throws IOException {
    try (var tar = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return tar.readAllBytes();
    }
  }

  void remove(String repository, String tag) throws IOException, InterruptedException {
    var path = repository + "/manifests/" + tag;
    assertThat(send(path, "DELETE", BodyPublishers.noBody(), MANIFESTS).statusCode())
        .isEqualTo(202);
  }

  private byte[] get(String path) throws IOException, InterruptedException {
    var answer = send(path, "GET", BodyPublishers.noBody(), MANIFESTS);
    assertThat(answer.statusCode()).as(path).isEqualTo(200);
    return answer.body();
  }

  private void put(String repository, byte[] blob) throws IOException, InterruptedException {
    var path = repository + "/blobs/uploads/?digest=" + Sha256.of(blob);
    var answer = send(path, "POST", BodyPublishers.ofByteArray(blob), "application/octet-stream");
    assertThat(answer.statusCode()).isEqualTo(201);
  }

  /// `type` is what is sent, or what is asked for.
  private HttpResponse<byte[]> send(String path, String method, BodyPublisher body, String type)
      throws IOException, InterruptedException {
    var secret = RunningRegistry.MANAGER + ":" + RunningRegistry.PASSWORD;
    var login = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
    var request =
        HttpRequest.newBuilder(URI.create("http://" + address + "/v2/" + path))
            .timeout(Duration.ofMinutes(1))
            .header("Authorization", "Basic " + login)
            .header(body.contentLength() == 0 ? "Accept" : "Content-Type", type)
            .method(method, body);
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  @Override
  public void close() {
    http.close();
  }
}
