package dev.widemesh.builder.registry;

import static dev.widemesh.builder.registry.RegistryClient.digest;
import static dev.widemesh.builder.registry.RegistryClient.header;
import static dev.widemesh.builder.registry.RegistryClient.json;
import static dev.widemesh.builder.registry.RegistryClient.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.builder.image.RunningRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ReferrersTest {
  @TempDir private Path folder;
  private RunningRegistry running;
  private RegistryClient client;

  @BeforeEach
  void start() {
    running = RunningRegistry.in(folder.resolve("store"));
    client = RegistryClient.of(running, RunningRegistry.PUSHER);
  }

  @AfterEach
  void stop() {
    client.close();
    running.close();
  }

  private String refer(String subject, String type, String note) throws Exception {
    var referrer =
        manifest(client.push("a", "{}"), subject, type)
            .replace("\"layers\":[]", "\"layers\":[],\"annotations\":{\"note\":\"" + note + "\"}");
    var answer = client.put("a", digest(referrer), referrer);
    assertThat(header(answer, "OCI-Subject")).isEqualTo(subject);
    return digest(referrer);
  }

  private static List<String> digests(JsonNode index) {
    return index.path("manifests").valueStream().map(it -> it.path("digest").asText()).toList();
  }

  @Test
  void they_are_found_by_subject_and_type_with_their_annotations() throws Exception {
    var image = client.image("a", "app");
    var signature = refer(image, "application/signature", "one");
    var untyped = refer(image, "", "two");
    var path = "/v2/a/referrers/" + image;

    assertThat(digests(json(client.call("GET", path))))
        .containsExactlyInAnyOrder(signature, untyped);
    var filtered = client.call("GET", path + "?artifactType=application/signature");
    assertThat(digests(json(filtered))).containsExactly(signature);
    assertThat(header(filtered, "OCI-Filters-Applied")).isEqualTo("artifactType");
    var entry = json(filtered).path("manifests").path(0);
    assertThat(entry.path("artifactType").asText()).isEqualTo("application/signature");
    assertThat(entry.path("annotations").path("note").asText()).isEqualTo("one");
    // One without a type has that of its configuration.
    assertThat(digests(json(client.call("GET", path + "?artifactType=c"))))
        .containsExactly(untyped);
    assertThat(digests(json(client.call("GET", "/v2/a/referrers/" + signature)))).isEmpty();
  }

  @Test
  void they_may_come_before_their_subject() throws Exception {
    var later = manifest(digest("later"), "", "");

    var signature = refer(digest(later), "application/signature", "first");

    assertThat(digests(json(client.call("GET", "/v2/a/referrers/" + digest(later)))))
        .containsExactly(signature);
  }

  @Test
  void what_is_too_large_for_one_answer_comes_in_pages() throws Exception {
    var image = client.image("a", "app");
    var all = new ArrayList<String>();
    for (var i = 0; i < 5; i++) {
      all.add(refer(image, "application/big+json", i + "x".repeat(1_500_000)));
    }
    var found = new ArrayList<String>();
    var pages = 0;
    var next = "/v2/a/referrers/" + image + "?artifactType=application/big%2Bjson";
    while (!next.isEmpty()) {
      var page = client.call("GET", next);
      assertThat(page.body().length()).isLessThan(4 << 20);
      found.addAll(digests(json(page)));
      next = header(page, "Link").replaceFirst("<(.*)>; rel=\"next\"", "$1");
      pages++;
    }

    assertThat(found).containsExactlyInAnyOrderElementsOf(all);
    assertThat(pages).isEqualTo(3);
  }
}
