package dev.widemesh.builder.registry;

import static dev.widemesh.builder.registry.RegistryClient.INDEX;
import static dev.widemesh.builder.registry.RegistryClient.OCI;
import static dev.widemesh.builder.registry.RegistryClient.code;
import static dev.widemesh.builder.registry.RegistryClient.digest;
import static dev.widemesh.builder.registry.RegistryClient.index;
import static dev.widemesh.builder.registry.RegistryClient.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.RunningRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The rules of the distribution specification, one row each; what they need is in repository `a`
/// before the first, and stays there.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RulesTest {
  private static final String SHA512 =
      Digest.of("sha512", "big".getBytes(StandardCharsets.UTF_8)).toString();
  private static final String BLOB = digest("0123456789");
  private static final String IMAGE = manifest(BLOB, "", "");
  private static final String SIGNATURE = manifest(BLOB, digest(IMAGE), "application/signature");
  private static final String CHILDREN = index(digest(IMAGE));
  private static final String ABSENT = digest("absent");
  private static final String NO_DIGEST = "sha256:short";

  @TempDir private static Path folder;
  private static RunningRegistry running;
  private static RegistryClient client;

  /// `expected` is the status, then the error's code if there is one; then headers that the answer
  /// must have, as `Name: value`.
  record Rule(
      String method, String path, Map<String, String> headers, String body, List<String> expected) {
    static Rule of(String method, String path, String... expected) {
      return new Rule(method, path, Map.of(), "", List.of(expected));
    }

    Rule with(String name, String value) {
      var all = new HashMap<>(headers);
      all.put(name, value);
      return new Rule(method, path, all, body, expected);
    }

    Rule sending(String content) {
      return new Rule(method, path, headers, content, expected);
    }

    @Override
    public String toString() {
      return "%s %s %s".formatted(method, path, headers);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    running = RunningRegistry.in(folder.resolve("store"));
    client = RegistryClient.of(running, RunningRegistry.MANAGER);
    client.push("a", "0123456789");
    client.push("b", "of b");
    client.call("POST", "/v2/a/blobs/uploads/?digest=" + SHA512, "big");
    for (var tag : List.of("v1", "v2", "w")) {
      client.put("a", tag, IMAGE);
    }
    client.put("a", digest(SIGNATURE), SIGNATURE);
    client.put("a", "index", CHILDREN);
  }

  @AfterAll
  static void stop() {
    client.close();
    running.close();
  }

  @ParameterizedTest
  @MethodSource({"versions", "blobs", "ranges", "manifests", "pushes", "lists", "deletions"})
  void it_is_as_the_specification_says(Rule rule) throws Exception {
    var answer = client.call(rule.method, rule.path, rule.body, rule.headers);

    assertThat(answer.statusCode())
        .as(answer.body())
        .isEqualTo(Integer.parseInt(rule.expected.getFirst()));
    for (var each : rule.expected.subList(1, rule.expected.size())) {
      var wanted = each.split(": ", 2);
      if (wanted.length == 1) {
        assertThat(code(answer)).isEqualTo(wanted[0]);
      } else {
        assertThat(answer.headers().firstValue(wanted[0])).as(wanted[0]).hasValue(wanted[1]);
      }
    }
  }

  static Stream<Rule> versions() {
    return Stream.of(
        Rule.of("GET", "/v2/", "200", "Content-Type: application/json"),
        Rule.of("POST", "/v2/", "405", "UNSUPPORTED"),
        Rule.of("GET", "/v2/a/other/x", "404"),
        Rule.of("GET", "/v2/UPPER/tags/list", "400", "NAME_INVALID"));
  }

  static Stream<Rule> blobs() {
    var there = "/v2/a/blobs/" + BLOB;
    return Stream.of(
        Rule.of("GET", there, "200", "Content-Length: 10", "Docker-Content-Digest: " + BLOB),
        Rule.of("HEAD", there, "200", "Content-Length: 10", "Docker-Content-Digest: " + BLOB),
        Rule.of("GET", "/v2/a/blobs/" + SHA512, "200", "Docker-Content-Digest: " + SHA512),
        Rule.of("GET", "/v2/a/blobs/" + ABSENT, "404", "BLOB_UNKNOWN"),
        Rule.of("HEAD", "/v2/a/blobs/" + ABSENT, "404"),
        Rule.of("GET", "/v2/b/blobs/" + BLOB, "404", "BLOB_UNKNOWN"),
        Rule.of("GET", "/v2/a/blobs/" + NO_DIGEST, "400", "DIGEST_INVALID"),
        Rule.of("PUT", there, "405", "UNSUPPORTED"));
  }

  static Stream<Rule> ranges() {
    var there = "/v2/a/blobs/" + BLOB;
    return Stream.of(
        Rule.of("GET", there, "206", "Content-Range: bytes 2-4/10", "Content-Length: 3")
            .with("Range", "bytes=2-4"),
        Rule.of("GET", there, "206", "Content-Range: bytes 8-9/10").with("Range", "bytes=8-20"),
        Rule.of("GET", there, "206", "Content-Range: bytes 3-9/10").with("Range", "bytes=3-"),
        Rule.of("GET", there, "206", "Content-Range: bytes 6-9/10").with("Range", "bytes=-4"),
        Rule.of("GET", there, "416", "Content-Range: bytes */10").with("Range", "bytes=10-"),
        Rule.of("GET", there, "416").with("Range", "bytes=4-2"),
        Rule.of("GET", there, "200").with("Range", "lines=1-2"));
  }

  static Stream<Rule> manifests() {
    var digest = "Docker-Content-Digest: " + digest(IMAGE);
    var length = "Content-Length: " + IMAGE.length();
    return Stream.of(
        Rule.of("GET", "/v2/a/manifests/v1", "200", digest, length, "Content-Type: " + OCI),
        Rule.of("HEAD", "/v2/a/manifests/v1", "200", digest, length),
        Rule.of("GET", "/v2/a/manifests/" + digest(IMAGE), "200", digest, length),
        Rule.of("GET", "/v2/a/manifests/v1", "200").with("Accept", "application/x-other"),
        Rule.of("GET", "/v2/a/manifests/v9", "404", "MANIFEST_UNKNOWN"),
        Rule.of("GET", "/v2/a/manifests/" + ABSENT, "404", "MANIFEST_UNKNOWN"),
        Rule.of("GET", "/v2/a/manifests/.no-tag", "404", "MANIFEST_UNKNOWN"),
        Rule.of("GET", "/v2/a/manifests/" + NO_DIGEST, "400", "DIGEST_INVALID"),
        Rule.of("GET", "/v2/nobody/manifests/v1", "404", "MANIFEST_UNKNOWN"),
        put("v1", IMAGE, "201", "Location: /v2/a/manifests/" + digest(IMAGE), digest),
        put("v1", IMAGE, "201", digest).with("Content-Type", OCI + "; charset=utf-8"),
        put(digest(IMAGE) + "?tag=v1&tag=v2", IMAGE, "201", "OCI-Tag: v1, v2"),
        put(digest(IMAGE) + "?tag=.no-tag", IMAGE, "400", "MANIFEST_INVALID"),
        put(digest(SIGNATURE), SIGNATURE, "201", "OCI-Subject: " + digest(IMAGE)),
        put(ABSENT, IMAGE, "400", "DIGEST_INVALID"),
        put(NO_DIGEST, IMAGE, "400", "DIGEST_INVALID"),
        put("v1", "[]", "400", "MANIFEST_INVALID"),
        put("v1", "{\"schemaVersion\":1}", "400", "MANIFEST_INVALID"),
        put("v1", IMAGE, "400", "MANIFEST_INVALID").with("Content-Type", INDEX),
        put("v1", manifest(ABSENT, "", ""), "404", "MANIFEST_BLOB_UNKNOWN"),
        put("v1", index(ABSENT), "404", "MANIFEST_BLOB_UNKNOWN").with("Content-Type", INDEX),
        put("v1", "x".repeat((4 << 20) + 1), "413", "SIZE_INVALID"));
  }

  private static Rule put(String reference, String content, String... expected) {
    return Rule.of("PUT", "/v2/a/manifests/" + reference, expected)
        .with("Content-Type", OCI)
        .sending(content);
  }

  static Stream<Rule> pushes() throws Exception {
    var uploads = "/v2/a/blobs/uploads/";
    var open = client.begin("a");
    client.call("PATCH", open, "01234");
    var empty = client.begin("a");
    return Stream.of(
        Rule.of("POST", uploads + "?digest=" + digest("x"), "201").sending("x"),
        Rule.of("POST", uploads + "?digest=" + ABSENT, "400", "DIGEST_INVALID").sending("x"),
        Rule.of("POST", uploads + "?digest=md5:0", "400", "DIGEST_INVALID").sending("x"),
        Rule.of("POST", uploads + "?digest-algorithm=sha512", "202", "Range: 0-0"),
        Rule.of("POST", uploads + "?digest-algorithm=md5", "400", "DIGEST_INVALID"),
        Rule.of("POST", uploads + "?mount=" + digest("of b") + "&from=b", "201"),
        Rule.of("POST", uploads + "?mount=" + digest("of b"), "201"),
        Rule.of("POST", uploads + "?mount=" + ABSENT + "&from=b", "202"),
        Rule.of("POST", uploads + "?mount=" + ABSENT, "202"),
        Rule.of("POST", uploads + "?mount=" + digest("of b") + "&from=nobody", "202"),
        Rule.of("POST", uploads + "?mount=" + NO_DIGEST + "&from=b", "400", "DIGEST_INVALID"),
        Rule.of("GET", open, "204", "Location: " + open, "Range: 0-4"),
        Rule.of("PATCH", open, "416", "Location: " + open, "Range: 0-4")
            .with("Content-Range", "9-9")
            .sending("x"),
        Rule.of("GET", empty, "204", "Location: " + empty, "Range: 0-0"),
        Rule.of("PATCH", empty, "416", "Location: " + empty, "Range: 0-0")
            .with("Content-Range", "1-1")
            .sending("x"),
        Rule.of("PATCH", open, "416", "BLOB_UPLOAD_INVALID")
            .with("Content-Range", "5-9")
            .sending("x"),
        Rule.of("PATCH", open, "416").with("Content-Range", "5 to 5").sending("x"),
        Rule.of("PUT", open + "?digest=" + BLOB, "416").with("Content-Range", "7-7").sending("x"),
        Rule.of("PUT", open, "400", "DIGEST_INVALID"),
        Rule.of("GET", open.replace("/a/", "/b/"), "404", "BLOB_UPLOAD_UNKNOWN"),
        Rule.of("GET", uploads + "no-upload", "404", "BLOB_UPLOAD_UNKNOWN"),
        Rule.of("GET", uploads, "405", "UNSUPPORTED"));
  }

  static Stream<Rule> lists() {
    var link = "Link: </v2/a/tags/list?n=2&last=v1>; rel=\"next\"";
    return Stream.of(
        Rule.of("GET", "/v2/a/tags/list", "200", "Content-Type: application/json"),
        Rule.of("GET", "/v2/a/tags/list?n=2", "200", link),
        Rule.of("GET", "/v2/a/tags/list?n=0", "200"),
        Rule.of("GET", "/v2/a/tags/list?n=-1", "400"),
        Rule.of("GET", "/v2/a/tags/list?n=many", "400"),
        Rule.of("GET", "/v2/nobody/tags/list", "404", "NAME_UNKNOWN"),
        Rule.of("GET", "/v2/a/referrers/" + digest(IMAGE), "200", "Content-Type: " + INDEX),
        Rule.of(
            "GET",
            "/v2/a/referrers/" + digest(IMAGE) + "?artifactType=application/signature",
            "200",
            "OCI-Filters-Applied: artifactType"),
        Rule.of("GET", "/v2/a/referrers/" + ABSENT, "200", "Content-Type: " + INDEX),
        Rule.of("GET", "/v2/a/referrers/" + NO_DIGEST, "400", "DIGEST_INVALID"));
  }

  /// What a manifest needs stays as long as that.
  static Stream<Rule> deletions() {
    return Stream.of(
        Rule.of("DELETE", "/v2/a/blobs/" + BLOB, "405", "UNSUPPORTED"),
        Rule.of("DELETE", "/v2/a/manifests/" + digest(IMAGE), "405", "UNSUPPORTED"),
        Rule.of("DELETE", "/v2/a/blobs/" + ABSENT, "404", "BLOB_UNKNOWN"),
        Rule.of("DELETE", "/v2/a/manifests/" + ABSENT, "404", "MANIFEST_UNKNOWN"),
        Rule.of("DELETE", "/v2/a/manifests/v9", "404", "MANIFEST_UNKNOWN"),
        Rule.of("DELETE", "/v2/a/blobs/uploads/no-upload", "404", "BLOB_UPLOAD_UNKNOWN"));
  }
}
