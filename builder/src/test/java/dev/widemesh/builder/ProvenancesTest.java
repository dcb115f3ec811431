package dev.widemesh.builder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.widemesh.api.ApiClient;
import dev.widemesh.api.Json;
import dev.widemesh.builder.Making.Material;
import dev.widemesh.builder.image.AttachmentKind;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.model.SigningKey;
import dev.widemesh.model.VerifyingKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is signed about how an image was made, and what is not.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-10")
@Timeout(90)
class ProvenancesTest {
  private static final SigningKey KEY = SigningKey.generate();
  private static final Making MAKING =
      new Making(
          "buildpack",
          "shop",
          "web",
          "1".repeat(40),
          "services/api",
          "",
          "",
          "",
          List.of("BP_X"),
          List.of(
              Making.base("widemesh/run@sha256:" + "a".repeat(64)),
              new Material("acme/node", "1.2", "https://a.b/c.tgz", "sha256:" + "b".repeat(64)),
              new Material(
                  "acme/git", "3", "https://a.b/c#v1", "sha256:" + "d".repeat(64), "2".repeat(40))),
          "11111111-2222-3333-4444-555555555555",
          Instant.parse("2026-01-02T03:04:05Z"),
          Instant.parse("2026-01-02T03:04:09Z"));

  @TempDir private Path folder;
  private RunningRegistry registry;
  private ImageExporter exporter;

  @BeforeEach
  void start() {
    registry = RunningRegistry.in(folder.resolve("registry"));
    exporter = registry.exporter(folder.resolve("cache"), KEY);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private String push(String repository) throws IOException {
    return RunningRegistry.push(exporter, repository, folder);
  }

  private Makings makings() {
    return new Makings(folder.resolve("made"));
  }

  /// Makes the papers of one image, as whoever asks for them has it made; the controller is away.
  private void complete(String image, SigningKey key, VerifyingKey... former) {
    try (var papers =
        new Papers(
            new ApiClient(URI.create("http://127.0.0.1:1"), "token"),
            new ImagePapers(
                exporter.attachments(),
                registry.registry(),
                key,
                List.of(former),
                makings(),
                new Readings(folder.resolve("reading"))))) {
      papers.start();
      assertThat(papers.answer(image).problem()).isNull();
    }
  }

  private JsonNode envelope(String image) throws IOException {
    return Json.MAPPER.readTree(
        exporter.attachments().find(AttachmentKind.STATEMENT, image).orElseThrow());
  }

  private static byte[] payload(JsonNode envelope) {
    return Base64.getDecoder().decode(envelope.path("payload").asText());
  }

  private String bill(String image) throws IOException {
    return Sha256.of(exporter.attachments().find(AttachmentKind.BILL, image).orElseThrow());
  }

  /// Puts together what is signed by hand, as DSSE says, and lets openssl judge.
  private String openssl(JsonNode envelope, SigningKey key) throws Exception {
    var payload = payload(envelope);
    var signed = new ByteArrayOutputStream();
    signed.writeBytes(
        ("DSSEv1 28 application/vnd.in-toto+json " + payload.length + " ").getBytes(UTF_8));
    signed.writeBytes(payload);
    var text = Files.write(folder.resolve("statement.signed"), signed.toByteArray());
    var pub = Files.writeString(folder.resolve("key.pub"), key.verifying().pem());
    var signature = envelope.path("signatures").path(0).path("sig").asText();
    var sig = Files.write(folder.resolve("statement.sig"), Base64.getDecoder().decode(signature));
    var openssl =
        new ProcessBuilder(
                "openssl",
                "dgst",
                "-sha256",
                "-verify",
                pub.toString(),
                "-signature",
                sig.toString(),
                text.toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(openssl.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(openssl.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return said;
  }

  @Test
  void it_says_of_what_an_image_was_made_and_openssl_knows_who_says_so() throws Exception {
    var image = push("apps/one");
    makings().keep(image, MAKING);
    complete(image, KEY);

    var envelope = envelope(image);
    assertThat(openssl(envelope, KEY)).isEqualTo("Verified OK");
    assertThat(openssl(envelope, SigningKey.generate())).isNotEqualTo("Verified OK");
    var statement = Json.MAPPER.readTree(payload(envelope));
    assertThat(statement.path("_type").asText()).isEqualTo("https://in-toto.io/Statement/v1");
    assertThat("apps/one@sha256:" + statement.at("/subject/0/digest/sha256").asText())
        .isEqualTo(image);
    assertThat(statement.path("predicateType").asText())
        .isEqualTo("https://slsa.dev/provenance/v1");
    assertThat(statement.at("/predicate/buildDefinition/externalParameters/root").asText())
        .isEqualTo("services/api");
    var made = statement.at("/predicate/buildDefinition/resolvedDependencies");
    assertThat(made.at("/0/digest/gitCommit").asText()).isEqualTo("1".repeat(40));
    assertThat(made.at("/1/digest/sha256").asText()).isEqualTo("a".repeat(64));
    assertThat(made.at("/2/annotations/version").asText()).isEqualTo("1.2");
    assertThat(made.at("/2/digest").has("gitCommit")).isFalse();
    assertThat(made.at("/3/digest/sha256").asText()).isEqualTo("d".repeat(64));
    assertThat(made.at("/3/digest/gitCommit").asText()).isEqualTo("2".repeat(40));
    assertThat(
            "sha256:" + statement.at("/predicate/runDetails/byproducts/0/digest/sha256").asText())
        .isEqualTo(bill(image));
  }

  @Test
  void of_a_dockerfile_it_names_the_target_unless_an_earlier_release_built_it() throws Exception {
    var making = Making.of(Formula.DOCKERFILE, job(null), List.of(), Instant.now());
    assertThat(parameters(making).path("dockerfile").asText()).isEqualTo("Dockerfile");
    assertThat(parameters(making).path("stage").asText()).isEqualTo("web");

    var written = (ObjectNode) Json.MAPPER.readTree(Json.write(making));
    written.remove("stage");
    var earlier = parameters(Json.read(written.toString(), Making.class));
    assertThat(earlier.path("dockerfile").asText()).isEqualTo("Dockerfile");
    assertThat(earlier.has("stage")).isFalse();
  }

  @Test
  void of_an_image_that_was_taken_over_it_names_nothing_of_the_stacks_repository()
      throws Exception {
    var image = "acme/web@sha256:" + "d".repeat(64);
    var said = parameters(Making.of(Formula.DOCKERFILE, job(image), List.of(), Instant.now()));

    assertThat(said.fieldNames())
        .toIterable()
        .containsExactly("environment", "stack", "image", "settings");
    assertThat(said.path("image").asText()).isEqualTo(image);
  }

  private static JsonNode parameters(Making making) throws IOException {
    var digest = "sha256:" + "c".repeat(64);
    var text = Statement.of("apps/one@" + digest, making, digest).text();
    return Json.MAPPER.readTree(text).at("/predicate/buildDefinition/externalParameters");
  }

  @Test
  void nothing_is_said_of_an_image_that_nobody_here_made() throws Exception {
    var image = push("apps/strange");
    complete(image, KEY);
    assertThat(exporter.attachments().find(AttachmentKind.STATEMENT, image)).isEmpty();
    // Nor of what somebody has signed with a key of his own.
    var forged = Statement.of(image, MAKING, bill(image));
    var other = SigningKey.generate();
    attach(AttachmentKind.STATEMENT, image, Envelope.sign(other, forged));
    complete(image, KEY);
    assertThat(openssl(envelope(image), other)).isEqualTo("Verified OK");
    assertThat(openssl(envelope(image), KEY)).isNotEqualTo("Verified OK");
  }

  private void attach(AttachmentKind kind, String image, byte[] content) throws IOException {
    assertThat(exporter.attachments().attach(kind, image, content, Map.of())).isTrue();
  }

  @Test
  void what_is_put_in_the_place_of_either_goes_again() throws Exception {
    var image = push("apps/one");
    makings().keep(image, MAKING);
    complete(image, KEY);
    var bill = bill(image);
    var statement = payload(envelope(image));

    attach(AttachmentKind.BILL, image, "{\"bomFormat\":\"CycloneDX\"}".getBytes(UTF_8));
    complete(image, KEY);
    assertThat(bill(image)).isEqualTo(bill);

    attach(AttachmentKind.STATEMENT, image, "{\"payload\":\"!\"}".getBytes(UTF_8));
    complete(image, KEY);
    assertThat(payload(envelope(image))).isEqualTo(statement);
    assertThat(openssl(envelope(image), KEY)).isEqualTo("Verified OK");
  }

  @Test
  void a_new_key_signs_the_same_anew_and_only_what_a_key_of_before_has_signed() throws Exception {
    var image = push("apps/one");
    makings().keep(image, MAKING);
    complete(image, KEY);
    var statement = payload(envelope(image));
    // As after a restore: the builder knows nothing of it any more.
    makings().keepOnly(List.of(), Instant.now().plusSeconds(60));

    var next = SigningKey.generate();
    complete(image, next);
    assertThat(openssl(envelope(image), next)).isNotEqualTo("Verified OK");

    // Not even by a look into the image.
    try (Stream<Path> files = Files.list(folder.resolve("registry/blobs/sha256"))) {
      for (var file : files.toList()) {
        var bytes = Files.readAllBytes(file);
        if (bytes.length > 2 && (bytes[0] & 0xff) == 0x1f) {
          Files.write(file, new byte[bytes.length]);
        }
      }
    }
    complete(image, next, KEY.verifying());
    assertThat(payload(envelope(image))).isEqualTo(statement);
    assertThat(openssl(envelope(image), next)).isEqualTo("Verified OK");
  }

  @Test
  void the_first_making_counts_and_one_that_is_kept_stays() throws Exception {
    var image = push("apps/one");
    makings().keep(image, MAKING);
    makings().keep(image, Making.of(Formula.BUILDPACK, job(null), List.of(), Instant.now()));
    makings().keepOnly(List.of(image), Instant.now().plusSeconds(60));
    assertThat(makings().of(image)).contains(MAKING);

    // One that is made again after long, and that nobody keeps yet, is as new.
    var file = new ImageFiles(folder.resolve("made")).of(image);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-02T03:04:05Z")));
    var before = Instant.now().minusSeconds(1);
    makings().keep(image, MAKING);
    makings().keepOnly(List.of(), before);
    assertThat(makings().of(image)).contains(MAKING);
  }

  private static dev.widemesh.api.BuildWire.Job job(@Nullable String image) {
    return new dev.widemesh.api.BuildWire.Job(
        "2",
        "one",
        "shop",
        "web",
        1,
        "2".repeat(40),
        "services/api",
        image,
        null,
        "Dockerfile",
        "web",
        null,
        false,
        null,
        Map.of("BP_X", "value"),
        List.of(),
        List.of(),
        null);
  }
}
