package dev.widemesh.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.RunningRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// Speaks the protocol to a registry, as one of its users.
record RegistryClient(HttpClient http, String address, String user) implements AutoCloseable {
  static final String OCI = "application/vnd.oci.image.manifest.v1+json";
  static final String INDEX = "application/vnd.oci.image.index.v1+json";

  static RegistryClient of(RunningRegistry running, String user) {
    return new RegistryClient(HttpClient.newHttpClient(), running.registry().address(), user);
  }

  RegistryClient as(String other) {
    return new RegistryClient(http, address, other);
  }

  HttpResponse<String> call(String method, String path) throws IOException, InterruptedException {
    return call(method, path, "");
  }

  HttpResponse<String> call(String method, String path, String body)
      throws IOException, InterruptedException {
    return call(method, path, body, Map.of());
  }

  HttpResponse<String> call(String method, String path, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    var content = body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
    var request = request(path).method(method, content);
    headers.forEach(request::header);
    return http.send(request.build(), BodyHandlers.ofString());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + address + path))
        .timeout(Duration.ofSeconds(20))
        .header("Authorization", authorization());
  }

  String authorization() {
    var secret = bytes(user + ":" + RunningRegistry.PASSWORD);
    return "Basic " + Base64.getEncoder().encodeToString(secret);
  }

  /// Its digest.
  String push(String repository, String content) throws IOException, InterruptedException {
    var digest = digest(content);
    var path = "/v2/" + repository + "/blobs/uploads/?digest=" + digest;
    assertThat(call("POST", path, content).statusCode()).isEqualTo(201);
    return digest;
  }

  HttpResponse<String> put(String repository, String reference, String manifest)
      throws IOException, InterruptedException {
    var type = manifest.contains("\"manifests\":") ? INDEX : OCI;
    var path = "/v2/" + repository + "/manifests/" + reference;
    return call("PUT", path, manifest, Map.of("Content-Type", type));
  }

  /// An image of one blob, under no tag; its digest.
  String image(String repository, String content) throws IOException, InterruptedException {
    var manifest = manifest(push(repository, content), "", "");
    assertThat(put(repository, digest(manifest), manifest).statusCode()).isEqualTo(201);
    return digest(manifest);
  }

  /// Where to send the blob to.
  String begin(String repository) throws IOException, InterruptedException {
    var answer = call("POST", "/v2/" + repository + "/blobs/uploads/");
    assertThat(answer.statusCode()).isEqualTo(202);
    return answer.headers().firstValue("Location").orElseThrow();
  }

  List<String> tags(String path) throws IOException, InterruptedException {
    return json(call("GET", path)).path("tags").valueStream().map(JsonNode::asText).toList();
  }

  /// Says nothing of the size of its configuration, which is another in each test.
  static String manifest(String config, String subject, String artifactType) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\"%s%s,\"config\":{\"mediaType\":\"c\",\"digest\":\"%s\"},\"layers\":[]}"
        .formatted(
            OCI,
            artifactType.isEmpty() ? "" : ",\"artifactType\":\"" + artifactType + "\"",
            subject.isEmpty()
                ? ""
                : ",\"subject\":{\"mediaType\":\"m\",\"digest\":\"" + subject + "\",\"size\":1}",
            config);
  }

  static String index(String child) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1}]}"
        .formatted(INDEX, OCI, child);
  }

  static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  static String code(HttpResponse<String> answer) throws IOException {
    return json(answer).path("errors").path(0).path("code").asText();
  }

  static JsonNode json(HttpResponse<String> answer) throws IOException {
    return Json.MAPPER.readTree(answer.body());
  }

  static String digest(String content) {
    return Digest.of("sha256", bytes(content)).toString();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.close();
  }
}
