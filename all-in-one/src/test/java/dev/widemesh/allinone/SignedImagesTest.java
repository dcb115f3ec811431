package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the platform builds is signed, and what it has not signed is not started, whoever put it
/// into its registry and its database.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class SignedImagesTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private final TestPlatform platform;
  private final HttpClient http = HttpClient.newHttpClient();

  SignedImagesTest(TestPlatform platform) {
    this.platform = platform;
  }

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  @Tag("BLD-10")
  @Tag("DEP-12")
  void a_push_is_signed_and_what_somebody_else_put_in_its_place_is_never_started()
      throws Exception {
    var app = App.create(platform, platform.environmentOf("signed"), "shop");
    app.node("old").commit("old").push().ok();
    var image = image(app, 0);
    assertThat(openssl(image)).contains("Verified OK");

    var forged = forge(image);
    replace(image, forged);
    var instance = app.mesh("config", "set", "GREETING=forged");
    replace(forged, image);

    refused(instance, app, forged, "web cannot be started: ");
    app.mesh("config", "set", "GREETING=hi").ok();
    assertThat(app.answer()).startsWith("old hi");

    app.write("Procfile", "web: node server.js\nrelease: true\n").commit("rel").push().ok();
    var released = image(app, 3);
    var other = forge(released);
    replace(released, other);
    var release = app.mesh("config", "set", "GREETING=forged");
    replace(other, released);

    refused(release, app, other, "the release command cannot be started: ");
  }

  @Test
  @Tag("BLD-10")
  void the_private_key_is_the_owners_alone_and_the_public_one_is_for_everybody()
      throws IOException {
    var secret = platform.data.resolve("secrets/signing.key");
    var shown = platform.data.resolve("signing.pub");

    assertThat(mode(secret)).isEqualTo("rw-------");
    assertThat(mode(shown)).isEqualTo("rw-r--r--");
    assertThat(Shell.printed("openssl", "pkey", "-in", secret.toString(), "-pubout"))
        .isEqualTo(Files.readString(shown).strip());
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static void refused(Shell.Result change, App app, String image, String what)
      throws IOException {
    assertThat(change.exitCode()).as(change.all()).isNotZero();
    assertThat(change.all())
        .contains(what + "the image " + image + " is not signed by this platform");
    assertThat(app.answer()).startsWith("old");
    assertThat(app.deployments()).contains("\"code\":\"not-signed\"");
  }

  private static String image(App app, int version) throws IOException {
    var shown = app.mesh("deployments", "show", "v" + version, "--json").ok().out();
    return Json.MAPPER.readTree(shown).path("image").asText();
  }

  /// The same app under another digest, and with it a signature: that of the right one.
  private String forge(String image) throws Exception {
    var at = image.indexOf('@');
    var repository = image.substring(0, at);
    var digest = image.substring(at + 1);
    var manifest = (ObjectNode) Json.MAPPER.readTree(get(repository, "manifests/" + digest));
    manifest.putObject("annotations").put("by", "somebody else");
    var text = manifest.toString();
    var hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    var forged = "sha256:" + HexFormat.of().formatHex(hash);
    put(repository, forged, text);
    put(repository, tag(forged), get(repository, "manifests/" + tag(digest)));
    return repository + "@" + forged;
  }

  private void replace(String image, String by) throws IOException, SQLException {
    try (var rows = platform.database();
        var update =
            rows.prepareStatement(
                "UPDATE deployment SET built = replace(built, ?, ?) WHERE built LIKE ?")) {
      update.setString(1, image);
      update.setString(2, by);
      update.setString(3, "%" + image + "%");
      assertThat(update.executeUpdate()).isPositive();
    }
  }

  /// Reads the signature where cosign reads it, and lets openssl judge with the key that is shown.
  private String openssl(String image) throws Exception {
    var at = image.indexOf('@');
    var repository = image.substring(0, at);
    var digest = image.substring(at + 1);
    var manifest = Json.MAPPER.readTree(get(repository, "manifests/" + tag(digest)));
    var layer = manifest.path("layers").path(0);
    var payload = get(repository, "blobs/" + layer.path("digest").asText());
    assertThat(signed(payload)).isEqualTo(digest);
    var sealed = layer.path("annotations").path("dev.cosignproject.cosign/signature").asText();
    var signature = platform.folder.resolve("signature");
    Files.write(signature, Base64.getDecoder().decode(sealed));
    var text = Files.writeString(platform.folder.resolve("payload"), payload);
    return Shell.printed(
        "openssl",
        "dgst",
        "-sha256",
        "-verify",
        platform.data.resolve("signing.pub").toString(),
        "-signature",
        signature.toString(),
        text.toString());
  }

  private static String signed(String payload) throws IOException {
    JsonNode critical = Json.MAPPER.readTree(payload).path("critical");
    return critical.path("image").path("docker-manifest-digest").asText();
  }

  private static String tag(String digest) {
    return digest.replace(':', '-') + ".sig";
  }

  private String get(String repository, String path) throws IOException, InterruptedException {
    var answer = send(repository + "/" + path, "GET", "", Map.of());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private void put(String repository, String reference, String manifest)
      throws IOException, InterruptedException {
    var path = repository + "/manifests/" + reference;
    var answer = send(path, "PUT", manifest, Map.of("Content-Type", MANIFEST));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
  }

  /// As somebody who got hold of the builder's password.
  private HttpResponse<String> send(
      String path, String method, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    var data = new DataFolder(platform.data);
    var secret = "builder:" + new Secrets(data.secrets()).registryPush();
    var credentials = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
    var registry = "http://127.0.0.1:%d/v2/".formatted(Platform.read(data).registry());
    var request =
        HttpRequest.newBuilder(URI.create(registry + path))
            .timeout(Duration.ofSeconds(20))
            .header("Authorization", "Basic " + credentials)
            .method(method, BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return http.send(request.build(), BodyHandlers.ofString());
  }
}
