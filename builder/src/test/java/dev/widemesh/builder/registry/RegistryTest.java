package dev.widemesh.builder.registry;

import static dev.widemesh.builder.registry.RegistryClient.OCI;
import static dev.widemesh.builder.registry.RegistryClient.bytes;
import static dev.widemesh.builder.registry.RegistryClient.code;
import static dev.widemesh.builder.registry.RegistryClient.digest;
import static dev.widemesh.builder.registry.RegistryClient.header;
import static dev.widemesh.builder.registry.RegistryClient.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.RunningRegistry;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RegistryTest {
  @TempDir Path folder;
  private RunningRegistry running;
  private RegistryClient client;

  @BeforeEach
  void start() {
    running = RunningRegistry.in(folder.resolve("store"));
    client = RegistryClient.of(running, RunningRegistry.MANAGER);
  }

  @AfterEach
  void stop() {
    client.close();
    running.close();
  }

  @Test
  void a_blob_arrives_at_once_as_a_stream_or_in_chunks_that_are_in_order() throws Exception {
    var once = digest("once");
    assertThat(client.call("POST", "/v2/a/blobs/uploads/?digest=" + once, "once").statusCode())
        .isEqualTo(201);

    var location = client.begin("a");
    assertThat(client.call("PATCH", location, "01234").statusCode()).isEqualTo(202);
    assertThat(header(client.call("GET", location, ""), "Range")).isEqualTo("0-4");
    var outOfOrder = client.call("PATCH", location, "x", Map.of("Content-Range", "9-9"));
    assertThat(outOfOrder.statusCode()).isEqualTo(416);
    assertThat(header(outOfOrder, "Range")).isEqualTo("0-4");
    var next = client.call("PATCH", location, "56789", Map.of("Content-Range", "5-9"));
    assertThat(header(next, "Range")).isEqualTo("0-9");
    assertThat(client.call("PUT", location + "?digest=" + digest("0123456789"), "").statusCode())
        .isEqualTo(201);

    var part =
        client.call("GET", "/v2/a/blobs/" + digest("0123456789"), "", Map.of("Range", "bytes=2-4"));
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("234");
    assertThat(part.headers().firstValue("Content-Range")).hasValue("bytes 2-4/10");
    assertThat(
            client.call("GET", "/v2/a/blobs/" + once, "", Map.of("Range", "bytes=9-")).statusCode())
        .isEqualTo(416);
  }

  @Test
  void content_that_is_not_what_its_digest_says_is_refused_and_gone() throws Exception {
    var wrong = client.call("POST", "/v2/a/blobs/uploads/?digest=" + digest("other"), "this");

    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(code(wrong)).isEqualTo("DIGEST_INVALID");
    assertThat(Store.names(folder.resolve("store/uploads"))).isEmpty();
    assertThat(client.call("HEAD", "/v2/a/blobs/" + digest("this"), "").statusCode())
        .isEqualTo(404);
  }

  @Test
  void sha512_works_as_well() throws Exception {
    var sha512 = Digest.of("sha512", bytes("big")).toString();

    assertThat(client.call("POST", "/v2/a/blobs/uploads/?digest=" + sha512, "big").statusCode())
        .isEqualTo(201);
    assertThat(client.call("GET", "/v2/a/blobs/" + sha512, "").body()).isEqualTo("big");
  }

  @Test
  void a_blob_is_mounted_from_a_repository_that_has_it_and_from_no_other() throws Exception {
    var digest = client.push("a", "shared");

    var mounted = client.call("POST", "/v2/b/blobs/uploads/?mount=" + digest + "&from=a", "");
    assertThat(mounted.statusCode()).isEqualTo(201);
    assertThat(client.call("GET", "/v2/b/blobs/" + digest, "").body()).isEqualTo("shared");
    var other = client.call("POST", "/v2/c/blobs/uploads/?mount=" + digest + "&from=nobody", "");
    assertThat(other.statusCode()).isEqualTo(202);
  }

  @Test
  void a_manifest_needs_its_blobs_and_is_found_by_tag_and_digest() throws Exception {
    var absent = digest("absent");
    var broken = client.put("a", "v1", manifest(absent, "", ""));
    assertThat(broken.statusCode()).isEqualTo(404);
    assertThat(code(broken)).isEqualTo("MANIFEST_BLOB_UNKNOWN");

    var manifest = manifest(client.push("a", "{}"), "", "");
    assertThat(client.put("a", "v1", manifest).statusCode()).isEqualTo(201);
    var byDigest = client.call("GET", "/v2/a/manifests/" + digest(manifest), "");
    assertThat(byDigest.body()).isEqualTo(manifest);
    assertThat(byDigest.headers().firstValue("Content-Type")).hasValue(OCI);
    var head = client.call("HEAD", "/v2/a/manifests/v1", "");
    assertThat(head.headers().firstValue("Docker-Content-Digest")).hasValue(digest(manifest));
    assertThat(head.headers().firstValue("Content-Length"))
        .hasValue(String.valueOf(manifest.length()));
    assertThat(client.put("a", digest("another"), manifest).statusCode()).isEqualTo(400);
    var elsewhere = client.call("HEAD", "/v2/b/manifests/" + digest(manifest), "");
    assertThat(elsewhere.statusCode()).isEqualTo(404);
  }

  @Test
  void manifests_are_limited_and_must_be_manifests() throws Exception {
    assertThat(client.put("a", "v1", "x".repeat((4 << 20) + 1)).statusCode()).isEqualTo(413);
    assertThat(client.put("a", "v1", "[]").statusCode()).isEqualTo(400);
    assertThat(code(client.put("a", "v1", "{\"schemaVersion\":2,\"mediaType\":\"other\"}")))
        .isEqualTo("MANIFEST_INVALID");
  }

  @Test
  void tags_come_in_pages_and_go_with_their_manifest() throws Exception {
    var manifest = manifest(client.push("a", "{}"), "", "");
    for (var tag : List.of("b", "a", "c")) {
      client.put("a", tag, manifest);
    }

    var page = client.call("GET", "/v2/a/tags/list?n=2", "");
    assertThat(page.body())
        .isEqualTo("{\"name\":\"a\",\"tags\":[\"a\",\"b\"]}")
        .satisfies(
            _ ->
                assertThat(page.headers().firstValue("Link"))
                    .hasValue("</v2/a/tags/list?n=2&last=b>; rel=\"next\""));
    assertThat(client.tags("/v2/a/tags/list?n=2&last=b")).containsExactly("c");
    assertThat(client.call("DELETE", "/v2/a/manifests/b", "").statusCode()).isEqualTo(202);
    assertThat(client.tags("/v2/a/tags/list")).containsExactly("a", "c");
    assertThat(client.call("DELETE", "/v2/a/manifests/" + digest(manifest), "").statusCode())
        .isEqualTo(202);
    assertThat(client.tags("/v2/a/tags/list")).isEmpty();
    assertThat(client.call("GET", "/v2/unknown/tags/list", "").statusCode()).isEqualTo(404);
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
      assertThat(client.call("GET", path, "").statusCode()).as(path).isBetween(400, 404);
    }
  }

  @Test
  void a_body_larger_than_the_window_streams_through() throws Exception {
    var content = new byte[40 << 20];
    new java.util.Random(1).nextBytes(content);
    var digest = Digest.of("sha256", content).toString();
    var request =
        client
            .request("/v2/big/blobs/uploads/?digest=" + digest)
            .POST(BodyPublishers.ofByteArray(content));

    assertThat(client.http().send(request.build(), BodyHandlers.discarding()).statusCode())
        .isEqualTo(201);

    var back = client.request("/v2/big/blobs/" + digest).build();
    try (InputStream body = client.http().send(back, BodyHandlers.ofInputStream()).body()) {
      assertThat(Digest.of("sha256", body.readAllBytes())).hasToString(digest);
    }
  }

  @Test
  void a_refused_client_that_sends_much_still_reads_why() throws Exception {
    var request =
        client
            .as("stranger")
            .request("/v2/a/blobs/uploads/?digest=" + digest("x"))
            .POST(BodyPublishers.ofByteArray(new byte[20 << 20]));

    assertThat(client.http().send(request.build(), BodyHandlers.discarding()).statusCode())
        .isEqualTo(401);
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
}
