package dev.widemesh.builder.registry;

import static dev.widemesh.builder.registry.RegistryClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Mending;
import dev.widemesh.builder.image.Owner;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a signature looks like from outside: found and read as cosign does it (its
/// SIGNATURE_SPEC.md), verified by openssl.
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignedImageTest {
  private static final String REPOSITORY = "apps/one";
  private static final String IS_A_SIGNATURE = "application/vnd.dev.cosign.simplesigning.v1+json";

  @TempDir private Path folder;
  private RunningRegistry running;
  private RegistryClient client;
  private ImageExporter exporter;

  @BeforeEach
  void start() {
    running = RunningRegistry.in(folder.resolve("store"));
    client = RegistryClient.of(running, RunningRegistry.READER);
    exporter = running.exporter(folder.resolve("cache"));
  }

  @AfterEach
  void stop() {
    client.close();
    running.close();
  }

  @Test
  @Tag("BLD-10")
  void a_pushed_image_has_a_signature_that_openssl_verifies() throws Exception {
    var digest = digest(push(exporter, "hello"));

    var manifest = signature(digest);
    var layer = manifest.path("layers").path(0);
    assertThat(layer.path("mediaType").asText()).isEqualTo(IS_A_SIGNATURE);
    assertThat(manifest.path("subject").path("digest").asText()).isEqualTo(digest);
    var payload = blob(layer.path("digest").asText());
    assertThat(payload)
        .isEqualTo(
            """
            {"critical":{"identity":{"docker-reference":"%s/%s"},"image":{"docker-manifest-digest":"%s"},"type":"cosign container image signature"}}"""
                .formatted(running.registry().address(), REPOSITORY, digest));
    var signature = layer.path("annotations").path("dev.cosignproject.cosign/signature").asText();
    assertThat(openssl(payload, signature)).contains("Verified OK");
    assertThat(openssl(payload.replace("apps/one", "apps/two"), signature))
        .contains("Verification failure");
  }

  @Test
  void pushing_it_again_leaves_its_signature_as_it_is() throws Exception {
    var image = push(exporter, "hello");
    var before = signature(digest(image));

    assertThat(push(exporter, "hello")).isEqualTo(image);

    assertThat(signature(digest(image))).isEqualTo(before);
    assertThat(referrers(digest(image))).hasSize(1);
  }

  @Test
  void with_another_key_it_is_not_signed_until_that_signs_it() throws Exception {
    var image = push(exporter, "hello");
    var other = running.exporter(folder.resolve("cache"), SigningKey.generate());

    assertThat(other.isSigned(image)).isFalse();
    assertThat(other.sign(image)).isTrue();
    assertThat(other.isSigned(image)).isTrue();
    assertThat(exporter.isSigned(image)).isFalse();
    assertThat(other.sign(REPOSITORY + "@sha256:" + "0".repeat(64))).isFalse();
  }

  @Test
  @Tag("BLD-10")
  void a_lost_or_damaged_signature_is_made_again_and_only_by_whom_made_it_once() throws Exception {
    var image = push(exporter, "hello");
    var digest = digest(image);
    var stranger = running.exporter(folder.resolve("cache"), SigningKey.generate());
    var payload = signature(digest).path("layers").path(0).path("digest").asText();
    var links = folder.resolve("store/repositories/" + REPOSITORY);

    Files.delete(links.resolve("_tags/" + tag(digest)));
    isMadeAgain(image, stranger);
    Files.write(links.resolve("_tags/" + tag(digest)), new byte[] {-1, -2, -3});
    isMadeAgain(image, stranger);
    Files.writeString(content(tagged(digest)), "{");
    isMadeAgain(image, stranger);
    Files.writeString(links.resolve("_manifests/" + tagged(digest).replace(':', '-')), "{");
    isMadeAgain(image, stranger);
    Files.writeString(content(payload), "another payload");
    isMadeAgain(image, stranger);
    Files.delete(links.resolve("_blobs/" + payload.replace(':', '-')));
    isMadeAgain(image, stranger);

    Files.delete(content(digest));
    Files.delete(links.resolve("_tags/" + tag(digest)));
    assertThat(exporter.mend(image, List.of())).isEqualTo(Mending.GONE);
  }

  private void isMadeAgain(String image, ImageExporter stranger) throws Exception {
    assertThat(exporter.isSigned(image)).isFalse();
    assertThat(stranger.mend(image, List.of())).isEqualTo(Mending.UNKNOWN);
    assertThat(exporter.mend(image, List.of())).isEqualTo(Mending.SIGNED_AGAIN);
    assertThat(exporter.isSigned(image)).isTrue();
    assertThat(exporter.mend(image, List.of())).isEqualTo(Mending.WHOLE);
    running.registry().collect(Set.of(image), Instant.now());
    assertThat(running.registry().held()).isEmpty();
    assertThat(exporter.isSigned(image)).isTrue();
  }

  private String tagged(String digest) throws IOException {
    return Files.readString(
        folder.resolve("store/repositories/%s/_tags/%s".formatted(REPOSITORY, tag(digest))));
  }

  private Path content(String digest) {
    return folder.resolve("store/blobs/" + digest.replace(':', '/'));
  }

  @Test
  void the_collector_keeps_a_signature_as_long_as_its_image_and_no_longer() throws Exception {
    var kept = push(exporter, "kept");
    var gone = push(exporter, "gone");

    running.registry().collect(Set.of(kept), Instant.now());

    assertThat(exporter.isSigned(kept)).isTrue();
    assertThat(client.tags("/v2/" + REPOSITORY + "/tags/list")).containsExactly(tag(digest(kept)));
    assertThat(referrers(digest(gone))).isEmpty();
  }

  @Test
  void a_copy_for_a_backup_has_the_signature_and_its_tag() throws Exception {
    var image = push(exporter, "hello");

    assertThat(ImageCopies.make(folder.resolve("store"), List.of(image), folder.resolve("copy")))
        .isEmpty();

    try (var copy = RunningRegistry.in(folder.resolve("copy"))) {
      assertThat(copy.exporter(folder.resolve("cache")).isSigned(image)).isTrue();
    }
  }

  @Test
  void openssl_reads_the_key_and_halves_of_two_keys_are_refused() throws Exception {
    var key = SigningKey.generate();
    var file = Files.writeString(folder.resolve("signing.key"), key.pem());

    assertThat(run("openssl", "pkey", "-in", file.toString(), "-pubout"))
        .isEqualTo(key.verifying().pem());
    assertThat(SigningKey.parse(key.pem()).verifying().fingerprint())
        .isEqualTo(key.verifying().fingerprint());
    var mixed = key.pem().replace(key.verifying().pem(), RunningRegistry.KEY.verifying().pem());
    assertThatThrownBy(() -> SigningKey.parse(mixed)).hasMessageContaining("two keys");
    assertThatThrownBy(() -> SigningKey.parse("nonsense")).hasMessageContaining("PRIVATE KEY");
  }

  private String push(ImageExporter exporter, String text) throws IOException {
    var layer =
        LayerTar.named("one")
            .file("one", text.getBytes(StandardCharsets.UTF_8), 0644, Owner.ROOT)
            .write(folder.resolve("layers"));
    var settings =
        new ImageRecipe.Settings(Map.of(), Map.of(), "0:0", "/", List.of(), List.of(), Set.of());
    return exporter
        .push(new ImageRecipe(REPOSITORY, Optional.empty(), List.of(layer), settings))
        .reference();
  }

  private static String digest(String reference) {
    return reference.substring(reference.indexOf('@') + 1);
  }

  private static String tag(String digest) {
    return digest.replace(':', '-') + ".sig";
  }

  private JsonNode signature(String digest) throws IOException, InterruptedException {
    var answer = client.call("GET", "/v2/" + REPOSITORY + "/manifests/" + tag(digest));
    assertThat(answer.statusCode()).isEqualTo(200);
    return json(answer);
  }

  private String blob(String digest) throws IOException, InterruptedException {
    return client.call("GET", "/v2/" + REPOSITORY + "/blobs/" + digest).body();
  }

  private JsonNode referrers(String digest) throws IOException, InterruptedException {
    return json(client.call("GET", "/v2/" + REPOSITORY + "/referrers/" + digest)).path("manifests");
  }

  private String openssl(String payload, String signature)
      throws IOException, InterruptedException {
    var key = Files.writeString(folder.resolve("key.pub"), RunningRegistry.KEY.verifying().pem());
    var sealed = Files.write(folder.resolve("sig"), Base64.getDecoder().decode(signature));
    var text = Files.writeString(folder.resolve("payload"), payload);
    return run(
        "openssl",
        "dgst",
        "-sha256",
        "-verify",
        key.toString(),
        "-signature",
        sealed.toString(),
        text.toString());
  }

  private static String run(String... argv) throws IOException, InterruptedException {
    var process = new ProcessBuilder(argv).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(Duration.ofSeconds(20).toSeconds(), TimeUnit.SECONDS)).isTrue();
    return said;
  }
}
