package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Base64;

/// The registry of a platform, as its rack reads it.
record OwnRegistry(TestPlatform platform) {
  /// What lies at `/v2/<repository>/<path>`.
  JsonNode get(String repository, String path) throws IOException, InterruptedException {
    var data = new DataFolder(platform.data);
    var secret = "rack:" + Files.readString(platform.data.resolve("secrets/registry-pull")).strip();
    var credentials = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
    var uri =
        "http://127.0.0.1:%d/v2/%s/%s".formatted(Platform.read(data).registry(), repository, path);
    var request =
        HttpRequest.newBuilder(URI.create(uri))
            .timeout(Duration.ofSeconds(20))
            .header("Authorization", "Basic " + credentials)
            .build();
    try (var http = HttpClient.newHttpClient()) {
      var answer = http.send(request, BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return Json.MAPPER.readTree(answer.body());
    }
  }

  /// Of what that image was made: the text in its envelope, whoever signed it.
  JsonNode statement(String repository, String digest) throws IOException, InterruptedException {
    var manifest = get(repository, "manifests/" + digest.replace(':', '-') + ".att");
    var envelope = get(repository, "blobs/" + manifest.at("/layers/0/digest").asText());
    return Json.MAPPER.readTree(Base64.getDecoder().decode(envelope.path("payload").asText()));
  }
}
