package dev.widemesh.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.RunningRegistry;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RegistryTest {
  private static final String OCI = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private RunningRegistry running;
  private String user = RunningRegistry.PUSHER;

  @BeforeEach
  void start() {
    running = RunningRegistry.in(folder.resolve("store"));
  }

  @AfterEach
  void stop() {
    running.close();
    http.close();
  }

  @Test
  void nobody_gets_in_without_a_credential_and_a_rack_may_only_read() throws Exception {
    user = "";
    assertThat(call("GET", "/v2/", "").headers().firstValue("WWW-Authenticate")).isPresent();
    assertThat(call("GET", "/v2/", "").statusCode()).isEqualTo(401);
    user = RunningRegistry.READER;
    assertThat(call("GET", "/v2/", "").statusCode()).isEqualTo(200);
    assertThat(call("POST", "/v2/a/blobs/uploads/", "").statusCode()).isEqualTo(403);
    assertThat(code(call("POST", "/v2/a/blobs/uploads/", ""))).isEqualTo("DENIED");
  }

  @Test
  void a_blob_arrives_at_once_as_a_stream_or_in_chunks_that_are_in_order() throws Exception {
    var once = digest("once");
    assertThat(call("POST", "/v2/a/blobs/uploads/?digest=" + once, "once").statusCode())
        .isEqualTo(201);

    var location = begin("a");
    assertThat(call("PATCH", location, "01234").statusCode()).isEqualTo(202);
    assertThat(range(call("GET", location, ""))).isEqualTo("0-4");
    var outOfOrder = call("PATCH", location, "x", Map.of("Content-Range", "9-9"));
    assertThat(outOfOrder.statusCode()).isEqualTo(416);
    assertThat(range(outOfOrder)).isEqualTo("0-4");
    var next = call("PATCH", location, "56789", Map.of("Content-Range", "5-9"));
    assertThat(range(next)).isEqualTo("0-9");
    assertThat(call("PUT", location + "?digest=" + digest("0123456789"), "").statusCode())
        .isEqualTo(201);

    var part = call("GET", "/v2/a/blobs/" + digest("0123456789"), "", Map.of("Range", "bytes=2-4"));
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("234");
    assertThat(part.headers().firstValue("Content-Range")).hasValue("bytes 2-4/10");
    assertThat(call("GET", "/v2/a/blobs/" + once, "", Map.of("Range", "bytes=9-")).statusCode())
        .isEqualTo(416);
  }

  @Test
  void content_that_is_not_what_its_digest_says_is_refused_and_gone() throws Exception {
    var wrong = call("POST", "/v2/a/blobs/uploads/?digest=" + digest("other"), "this");

    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(code(wrong)).isEqualTo("DIGEST_INVALID");
    assertThat(Store.names(folder.resolve("store/uploads"))).isEmpty();
    assertThat(call("HEAD", "/v2/a/blobs/" + digest("this"), "").statusCode()).isEqualTo(404);
  }

  @Test
  void sha512_works_as_well() throws Exception {
    var sha512 = Digest.of("sha512", bytes("big")).toString();

    assertThat(call("POST", "/v2/a/blobs/uploads/?digest=" + sha512, "big").statusCode())
        .isEqualTo(201);
    assertThat(call("GET", "/v2/a/blobs/" + sha512, "").body()).isEqualTo("big");
  }

  @Test
  void an_upload_can_be_cancelled_and_one_left_from_before_a_crash_is_swept() throws Exception {
    var location = begin("a");
    assertThat(call("DELETE", location, "").statusCode()).isEqualTo(204);
    assertThat(call("GET", location, "").statusCode()).isEqualTo(404);
    begin("a");
    assertThat(Store.names(folder.resolve("store/uploads"))).hasSize(1);

    running.close();
    running = RunningRegistry.in(folder.resolve("store"));

    assertThat(Store.names(folder.resolve("store/uploads"))).isEmpty();
  }

  @Test
  void a_blob_is_mounted_from_a_repository_that_has_it_and_from_no_other() throws Exception {
    var digest = push("a", "shared");

    var mounted = call("POST", "/v2/b/blobs/uploads/?mount=" + digest + "&from=a", "");
    assertThat(mounted.statusCode()).isEqualTo(201);
    assertThat(call("GET", "/v2/b/blobs/" + digest, "").body()).isEqualTo("shared");
    var other = call("POST", "/v2/c/blobs/uploads/?mount=" + digest + "&from=nobody", "");
    assertThat(other.statusCode()).isEqualTo(202);
  }

  @Test
  void a_manifest_needs_its_blobs_and_is_found_by_tag_and_digest() throws Exception {
    var absent = digest("absent");
    var broken = put("a", "v1", manifest(absent, "", ""));
    assertThat(broken.statusCode()).isEqualTo(404);
    assertThat(code(broken)).isEqualTo("MANIFEST_BLOB_UNKNOWN");

    var manifest = manifest(push("a", "{}"), "", "");
    assertThat(put("a", "v1", manifest).statusCode()).isEqualTo(201);
    var byDigest = call("GET", "/v2/a/manifests/" + digest(manifest), "");
    assertThat(byDigest.body()).isEqualTo(manifest);
    assertThat(byDigest.headers().firstValue("Content-Type")).hasValue(OCI);
    var head = call("HEAD", "/v2/a/manifests/v1", "");
    assertThat(head.headers().firstValue("Docker-Content-Digest")).hasValue(digest(manifest));
    assertThat(head.headers().firstValue("Content-Length"))
        .hasValue(String.valueOf(manifest.length()));
    assertThat(put("a", digest("another"), manifest).statusCode()).isEqualTo(400);
    var elsewhere = call("HEAD", "/v2/b/manifests/" + digest(manifest), "");
    assertThat(elsewhere.statusCode()).isEqualTo(404);
  }

  @Test
  void manifests_are_limited_and_must_be_manifests() throws Exception {
    assertThat(put("a", "v1", "x".repeat((4 << 20) + 1)).statusCode()).isEqualTo(413);
    assertThat(put("a", "v1", "[]").statusCode()).isEqualTo(400);
    assertThat(code(put("a", "v1", "{\"schemaVersion\":2,\"mediaType\":\"other\"}")))
        .isEqualTo("MANIFEST_INVALID");
  }

  @Test
  void tags_come_in_pages_and_go_with_their_manifest() throws Exception {
    var manifest = manifest(push("a", "{}"), "", "");
    for (var tag : List.of("b", "a", "c")) {
      put("a", tag, manifest);
    }

    var page = call("GET", "/v2/a/tags/list?n=2", "");
    assertThat(page.body())
        .isEqualTo("{\"name\":\"a\",\"tags\":[\"a\",\"b\"]}")
        .satisfies(
            _ ->
                assertThat(page.headers().firstValue("Link"))
                    .hasValue("</v2/a/tags/list?n=2&last=b>; rel=\"next\""));
    assertThat(tags("/v2/a/tags/list?n=2&last=b")).containsExactly("c");
    assertThat(call("DELETE", "/v2/a/manifests/b", "").statusCode()).isEqualTo(202);
    assertThat(tags("/v2/a/tags/list")).containsExactly("a", "c");
    assertThat(call("DELETE", "/v2/a/manifests/" + digest(manifest), "").statusCode())
        .isEqualTo(202);
    assertThat(tags("/v2/a/tags/list")).isEmpty();
    assertThat(call("GET", "/v2/unknown/tags/list", "").statusCode()).isEqualTo(404);
  }

  @Test
  void referrers_are_found_by_their_subject_and_type() throws Exception {
    var config = push("a", "{}");
    var image = manifest(config, "", "");
    put("a", "v1", image);
    var signature = manifest(config, digest(image), "application/signature");
    var answer = put("a", digest(signature), signature);
    assertThat(answer.headers().firstValue("OCI-Subject")).hasValue(digest(image));
    var sbom = manifest(config, digest(image), "application/sbom");
    put("a", digest(sbom), sbom);

    var path = "/v2/a/referrers/" + digest(image);
    assertThat(json(call("GET", path, "")).path("manifests")).hasSize(2);
    var filtered = call("GET", path + "?artifactType=application/sbom", "");
    assertThat(json(filtered).path("manifests").path(0).path("digest").asText())
        .isEqualTo(digest(sbom));
    assertThat(filtered.headers().firstValue("OCI-Filters-Applied")).hasValue("artifactType");
    assertThat(json(call("GET", "/v2/a/referrers/" + digest("none"), "")).path("manifests"))
        .isEmpty();
  }

  @Test
  void paths_that_are_no_names_touch_no_file() throws Exception {
    for (var path :
        List.of(
            "/v2/..%2f..%2fetc/blobs/" + digest("x"),
            "/v2/UPPER/tags/list",
            "/v2/a/_blobs/tags/list",
            "/v2/a/manifests/..",
            "/v2/a/blobs/sha256:..",
            "/v2/" + "a".repeat(300) + "/tags/list",
            "/other")) {
      assertThat(call("GET", path, "").statusCode()).as(path).isBetween(400, 404);
    }
  }

  @Test
  void a_body_larger_than_the_window_streams_through() throws Exception {
    var content = new byte[40 << 20];
    new java.util.Random(1).nextBytes(content);
    var digest = Digest.of("sha256", content).toString();
    var request =
        request("/v2/big/blobs/uploads/?digest=" + digest)
            .POST(BodyPublishers.ofByteArray(content));

    assertThat(http.send(request.build(), BodyHandlers.discarding()).statusCode()).isEqualTo(201);

    var back = request("/v2/big/blobs/" + digest).build();
    try (InputStream body = http.send(back, BodyHandlers.ofInputStream()).body()) {
      assertThat(Digest.of("sha256", body.readAllBytes())).hasToString(digest);
    }
  }

  @Test
  void a_refused_client_that_sends_much_still_reads_why() throws Exception {
    user = "stranger";
    var request =
        request("/v2/a/blobs/uploads/?digest=" + digest("x"))
            .POST(BodyPublishers.ofByteArray(new byte[20 << 20]));

    assertThat(http.send(request.build(), BodyHandlers.discarding()).statusCode()).isEqualTo(401);
  }

  @Test
  void collecting_keeps_what_kept_images_need_and_their_referrers() throws Exception {
    var kept = manifest(push("a", "kept"), "", "");
    put("a", digest(kept), kept);
    var sbom = manifest(push("a", "sbom"), digest(kept), "application/sbom");
    put("a", digest(sbom), sbom);
    var dropped = manifest(push("a", "dropped"), "", "");
    put("a", "latest", dropped);
    var references = Set.of("a@" + digest(kept));

    running.registry().collect(references, Duration.ofHours(1));
    assertThat(running.registry().lacks("a@" + digest(dropped))).as("within the grace").isEmpty();
    running.registry().collect(references, Duration.ZERO);

    assertThat(running.registry().lacks("a@" + digest(dropped))).isNotEmpty();
    assertThat(call("HEAD", "/v2/a/blobs/" + digest("dropped"), "").statusCode()).isEqualTo(404);
    assertThat(tags("/v2/a/tags/list")).isEmpty();
    assertThat(call("GET", "/v2/a/blobs/" + digest("kept"), "").body()).isEqualTo("kept");
    assertThat(running.registry().lacks("a@" + digest(sbom))).isEmpty();
    assertThat(Files.exists(folder.resolve("store/blobs/sha256/" + digest("dropped").substring(7))))
        .isFalse();
  }

  @Test
  void an_image_pushed_by_jib_itself_is_pulled_by_tag_and_digest() throws Exception {
    var address = running.registry().address();
    var digest = JibPush.push(address + "/jib/app:v1", RunningRegistry.PASSWORD, folder);
    var docker =
        Docker.loggedIn(
            folder.resolve("docker"), address, RunningRegistry.READER, RunningRegistry.PASSWORD);

    for (var image : List.of(address + "/jib/app:v1", address + "/jib/app@" + digest)) {
      docker.succeed("pull", image);
      docker.succeed("rmi", image);
    }
  }

  private String push(String repository, String content) throws Exception {
    var digest = digest(content);
    var path = "/v2/" + repository + "/blobs/uploads/?digest=" + digest;
    assertThat(call("POST", path, content).statusCode()).isEqualTo(201);
    return digest;
  }

  private String begin(String repository) throws Exception {
    var answer = call("POST", "/v2/" + repository + "/blobs/uploads/", "");
    assertThat(answer.statusCode()).isEqualTo(202);
    return answer.headers().firstValue("Location").orElseThrow();
  }

  private static String manifest(String config, String subject, String artifactType) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\"%s%s,\"config\":{\"mediaType\":\"c\",\"digest\":\"%s\",\"size\":2},\"layers\":[]}"
        .formatted(
            OCI,
            artifactType.isEmpty() ? "" : ",\"artifactType\":\"" + artifactType + "\"",
            subject.isEmpty()
                ? ""
                : ",\"subject\":{\"mediaType\":\"m\",\"digest\":\"" + subject + "\",\"size\":1}",
            config);
  }

  private HttpResponse<String> put(String repository, String reference, String manifest)
      throws Exception {
    var path = "/v2/" + repository + "/manifests/" + reference;
    return call("PUT", path, manifest, Map.of("Content-Type", OCI));
  }

  private List<String> tags(String path) throws Exception {
    return json(call("GET", path, "")).path("tags").valueStream().map(JsonNode::asText).toList();
  }

  private HttpResponse<String> call(String method, String path, String body) throws Exception {
    return call(method, path, body, Map.of());
  }

  private HttpResponse<String> call(
      String method, String path, String body, Map<String, String> headers) throws Exception {
    var content = body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
    var request = request(path).method(method, content);
    headers.forEach(request::header);
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    var secret = Base64.getEncoder().encodeToString(bytes(user + ":" + RunningRegistry.PASSWORD));
    return HttpRequest.newBuilder(URI.create("http://" + running.registry().address() + path))
        .timeout(Duration.ofSeconds(20))
        .header("Authorization", "Basic " + secret);
  }

  private static String range(HttpResponse<String> answer) {
    return answer.headers().firstValue("Range").orElse("");
  }

  private static String code(HttpResponse<String> answer) throws Exception {
    return json(answer).path("errors").path(0).path("code").asText();
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    return Json.MAPPER.readTree(answer.body());
  }

  private static String digest(String content) {
    return Digest.of("sha256", bytes(content)).toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
