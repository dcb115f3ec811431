package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.ApiClient;
import dev.widemesh.api.BuildWire.Bill;
import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Route;
import dev.widemesh.builder.LookPause.Looked;
import dev.widemesh.builder.SignedWith.Proof;
import dev.widemesh.builder.image.AttachmentKind;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.model.SigningKey;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A registry, and a controller that names what is kept.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-10")
@Timeout(90)
class PapersTest {
  @TempDir private Path folder;
  private RunningRegistry registry;
  private ImageExporter exporter;
  private HttpServer controller;
  private Papers papers;
  private volatile List<String> kept = List.of();

  @BeforeEach
  void start() throws IOException {
    registry = RunningRegistry.in(folder.resolve("registry"));
    exporter = registry.exporter(folder.resolve("cache"));
    controller = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    controller.createContext(
        Route.KEPT_IMAGES.path(),
        exchange -> {
          var bytes = Json.write(kept).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    controller.start();
    papers = begin();
  }

  @AfterEach
  void stop() {
    papers.close();
    controller.stop(0);
    registry.close();
  }

  private Papers begin() {
    return begin(RunningRegistry.KEY, List.of());
  }

  private Papers begin(SigningKey key, List<VerifyingKey> former) {
    var begun =
        new Papers(
            client(),
            new ImagePapers(
                exporter.attachments(),
                registry.registry(),
                key,
                former,
                new Makings(folder.resolve("made")),
                readings()));
    begun.start();
    return begun;
  }

  private ApiClient client() {
    var uri = URI.create("http://127.0.0.1:" + controller.getAddress().getPort());
    return new ApiClient(uri, "token");
  }

  private Readings readings() {
    return new Readings(folder.resolve("reading"));
  }

  private String push(String repository) throws IOException {
    return RunningRegistry.push(exporter, repository, folder);
  }

  private boolean has(String image) throws IOException {
    return exporter.attachments().digest(AttachmentKind.BILL, image).isPresent();
  }

  private void await(String image) throws Exception {
    for (var end = Instant.now().plusSeconds(30); !has(image); ) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(50);
    }
  }

  @Test
  void what_is_kept_gets_its_bill_and_gets_it_again_after_a_restart_that_lost_it()
      throws Exception {
    var image = push("apps/one");
    var other = push("apps/other");
    kept = List.of("apps/lost@sha256:" + "0".repeat(64), image);
    papers.wake();
    await(image);
    assertThat(has(other)).as("nobody keeps it").isFalse();
    var first = exporter.attachments().find(AttachmentKind.BILL, image).orElseThrow();

    papers.close();
    Files.delete(tag(image));
    papers = begin();

    await(image);
    assertThat(exporter.attachments().find(AttachmentKind.BILL, image)).hasValue(first);
  }

  /// Stands in for a process that ended while it read that image.
  private void endedWhileReading(String image) throws IOException {
    readings().begin(image);
  }

  @Test
  void an_image_that_may_have_ended_the_process_is_read_again_and_then_never() throws Exception {
    var once = push("apps/once");
    var often = push("apps/often");
    var later = push("apps/later");
    endedWhileReading(once);
    endedWhileReading(often);
    endedWhileReading(often);
    endedWhileReading(often);
    kept = List.of(once, often, later);
    papers.wake();
    await(later);

    assertThat(has(once)).isTrue();
    assertThat(readings().ended(once)).isZero();
    assertThat(papers.answer(often).problem())
        .extracting(Problem::code, Problem::message)
        .containsExactly(
            "no-sbom",
            "what is in the image cannot be read: the builder ended while it read the image, three"
                + " times");
    assertThat(papers.lacking(often)).hasSize(1);
    assertThat(has(often)).isFalse();
  }

  /// By a layer that says nothing until somebody writes it.
  private Path pipe(String image) throws Exception {
    var at = image.indexOf('@');
    var manifest = Json.MAPPER.readTree(exporter.attachments().manifest(image).orElseThrow());
    var digest = manifest.at("/layers/0/digest").asText();
    var hex = digest.substring(digest.indexOf(':') + 1);
    var blob = folder.resolve("registry/blobs/sha256/" + hex);
    Files.copy(blob, folder.resolve("aside"));
    Files.delete(blob);
    assertThat(new ProcessBuilder("mkfifo", blob.toString()).start().waitFor()).isZero();
    var links = folder.resolve("registry/repositories/" + image.substring(0, at) + "/_blobs");
    try (Stream<Path> files = Files.list(links)) {
      for (var link : files.filter(file -> file.toString().endsWith(hex)).toList()) {
        Files.write(link, new byte[0]);
      }
    }
    return blob;
  }

  private void awaitReading(String image) throws Exception {
    for (var end = Instant.now().plusSeconds(30); readings().ended(image) == 0; ) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(50);
    }
  }

  @Test
  void what_is_being_read_is_written_down_before_and_no_longer_after() throws Exception {
    var image = push("apps/slow");
    var blob = pipe(image);

    assertThat(papers.answer(image).problem()).extracting("code").isEqualTo("sbom-under-way");
    assertThat(readings().ended(image)).as("as a start after a death would see it").isOne();

    Files.write(blob, Files.readAllBytes(folder.resolve("aside")));
    assertThat(papers.answer(image).problem()).isNull();
    assertThat(readings().ended(image)).isZero();
  }

  /// A start of the builder with that key, beside what the folder says of the ones before.
  private SigningAnew restart(SigningKey key) throws IOException {
    var former =
        switch (SignedWith.in(folder).read()) {
          case Proof.Keys(var keys) -> keys;
          case Proof.Kept _, Proof.Named _ -> throw new AssertionError("there was a key before");
        };
    papers = begin(key, former);
    var all = registry.exporter(folder.resolve("cache"), key);
    return new SigningAnew(client(), all, key, folder, papers::isThrough);
  }

  private boolean isStatedBy(SigningKey key, String image) throws IOException {
    return exporter
        .attachments()
        .find(AttachmentKind.STATEMENT, image)
        .flatMap(envelope -> Envelope.open(envelope, List.of(key.verifying())))
        .isPresent();
  }

  /// The builder itself knows nothing of the image: it was restored.
  @Test
  void a_restart_while_statements_are_signed_anew_loses_none() throws Exception {
    var image = push("apps/one");
    assertThat(papers.answer(image).problem()).isNull();
    var bill = exporter.attachments().digest(AttachmentKind.BILL, image).orElseThrow();
    var statement = Statement.of(image, making(), bill);
    var envelope = Envelope.sign(RunningRegistry.KEY, statement);
    exporter.attachments().attach(AttachmentKind.STATEMENT, image, envelope, Map.of());
    papers.close();
    var slow = push("apps/slow");
    var blob = pipe(slow);
    kept = List.of(slow, image);
    SignedWith.in(folder).keepFormer(List.of(RunningRegistry.KEY.verifying()));
    var key = SigningKey.generate();

    var signings = restart(key);
    papers.wake();
    awaitReading(slow);
    assertThat(signings.round()).isEqualTo(Looked.AT_ALL);
    papers.close();
    Files.write(blob, new byte[1]);
    assertThat(isStatedBy(key, image)).isFalse();

    Files.delete(blob);
    Files.copy(folder.resolve("aside"), blob);
    signings = restart(key);
    signings.round();
    papers.wake();
    for (var end = Instant.now().plusSeconds(30); !papers.isThrough(); ) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(50);
    }
    assertThat(isStatedBy(key, image)).isTrue();
    assertThat(signings.round()).isEqualTo(Looked.AT_ALL);
    assertThat(Json.MAPPER.readTree(SignedWith.in(folder).file().toFile()).path("keys"))
        .extracting(JsonNode::asText)
        .containsExactly(key.verifying().pem());
  }

  private static Making making() {
    var now = Instant.parse("2026-01-02T03:04:05Z");
    return new Making(
        "buildpack",
        "shop",
        "web",
        "1".repeat(40),
        "",
        "",
        "",
        "",
        List.of(),
        List.of(),
        "1",
        now,
        now);
  }

  private Path tag(String image) {
    var at = image.indexOf('@');
    return folder.resolve(
        "registry/repositories/%s/_tags/%s"
            .formatted(image.substring(0, at), AttachmentKind.BILL.tag(image.substring(at + 1))));
  }

  @Test
  void whoever_asks_gets_it_at_once_and_the_registry_lists_it_as_a_referrer() throws Exception {
    var image = push("apps/asked");

    var bill = papers.answer(image);

    assertThat(bill.problem()).isNull();
    assertThat(bill.document()).startsWith("{\"$schema\":\"http://cyclonedx.org/schema/bom-1.6");
    assertThat(papers.answer(image)).isEqualTo(bill);
    assertThat(has(image)).isTrue();
    assertThat(papers.answer("apps/gone@sha256:" + "0".repeat(64)))
        .extracting(Bill::problem)
        .extracting("code")
        .isEqualTo("image-collected");
  }

  @Test
  void a_bill_that_is_damaged_is_made_again() throws Exception {
    var one = push("apps/one");
    var bill = papers.answer(one);
    var blobs = folder.resolve("registry/blobs/sha256");
    try (Stream<Path> files = Files.list(blobs)) {
      for (var file : files.toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).startsWith("{\"$schema\"")) {
          Files.writeString(file, "{}");
        }
      }
    }

    assertThat(papers.answer(one)).isEqualTo(bill);
    assertThat(registry.registry().lacks(one, RunningRegistry.KEY.verifying())).isEmpty();
  }

  @Test
  void a_bill_of_other_bytes_of_the_same_length_is_made_again() throws Exception {
    var one = push("apps/one");
    var bill = papers.answer(one);
    try (Stream<Path> files = Files.list(folder.resolve("registry/blobs/sha256"))) {
      for (var file : files.toList()) {
        var text = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (text.startsWith("{\"$schema\"")) {
          Files.writeString(
              file, text.replace("CycloneDX", "cYCLONEdx"), StandardCharsets.ISO_8859_1);
        }
      }
    }
    assertThat(exporter.attachments().find(AttachmentKind.BILL, one)).isEmpty();

    assertThat(papers.answer(one)).isEqualTo(bill);
    assertThat(exporter.attachments().find(AttachmentKind.BILL, one)).isPresent();
  }

  /// Whoever may write to the registry could say anything of an image that has no statement.
  @Test
  void a_bill_that_no_statement_names_is_made_again_by_each_process() throws Exception {
    var one = push("apps/one");
    var bill = papers.answer(one);
    var other = "{\"bomFormat\":\"CycloneDX\"}".getBytes(StandardCharsets.UTF_8);
    for (var isRestarted : List.of(false, true)) {
      assertThat(exporter.attachments().attach(AttachmentKind.BILL, one, other, Map.of())).isTrue();
      if (isRestarted) {
        papers.close();
        papers = begin();
      }
      assertThat(papers.answer(one)).isEqualTo(bill);
    }
  }

  @Test
  void one_that_takes_long_keeps_nobody_from_what_is_there_and_is_read_once_for_all()
      throws Exception {
    var ready = push("apps/ready");
    assertThat(papers.answer(ready).problem()).isNull();
    var slow = push("apps/slow");
    var blob = pipe(slow);
    var queued = push("apps/queued");
    try (var askers = Executors.newVirtualThreadPerTaskExecutor()) {
      var one = askers.submit(() -> papers.answer(slow));
      awaitReading(slow);
      var other = askers.submit(() -> papers.answer(slow));
      var third = askers.submit(() -> papers.answer(queued));
      assertThat(papers.answer(ready).problem()).isNull();
      for (var answer : List.of(one, other, third)) {
        assertThat(answer.get(20, TimeUnit.SECONDS).problem())
            .extracting("code")
            .isEqualTo("sbom-under-way");
      }
    }
    Files.write(blob, new byte[1]);

    // It is not read again soon: a second reading would wait for bytes that nobody writes.
    var refused = papers.answer(slow).problem();
    assertThat(refused).extracting(Problem::code).isEqualTo("no-sbom");
    assertThat(refused)
        .extracting(Problem::message)
        .asString()
        .contains("the registry has something else for the layer");
    assertThat(papers.answer(slow).problem()).isEqualTo(refused);
    assertThat(papers.answer(queued).problem()).isNull();
  }

  /// Nobody keeps it, and it is asked for once: no other way leads to its bill.
  @Test
  void however_much_is_built_while_an_image_is_read_whoever_asks_comes_next() throws Exception {
    var slow = push("apps/slow");
    var blob = pipe(slow);
    var image = push("apps/asked");
    try (var askers = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = askers.submit(() -> papers.answer(slow));
      awaitReading(slow);
      for (var built = 0; built < 100; built++) {
        papers.wake();
      }
      assertThat(papers.answer(image).problem()).extracting("code").isEqualTo("sbom-under-way");

      Files.write(blob, Files.readAllBytes(folder.resolve("aside")));
      await(image);
      assertThat(first.get(20, TimeUnit.SECONDS)).isNotNull();
    }
  }

  /// Such as a fault of our own: a former key is needed until that image could be read.
  @Test
  void not_all_is_seen_while_another_try_may_read_what_failed() throws Exception {
    var image = push("apps/one");
    var other = push("apps/other");
    kept = List.of("without a digest", image);
    papers.wake();
    await(image);
    assertThat(papers.answer(other).problem()).as("after the round").isNull();
    assertThat(papers.lacking("without a digest")).hasSize(1);
    assertThat(papers.isThrough()).isFalse();

    kept = List.of(image);
    papers.wake();
    for (var end = Instant.now().plusSeconds(30); !papers.isThrough(); ) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(50);
    }
  }

  private Path fullDisk(String image) throws IOException {
    Files.createDirectories(folder.resolve("made"));
    return Files.createDirectory(new ImageFiles(folder.resolve("made")).of(image));
  }

  @Test
  @Tag("nightly")
  @Timeout(180)
  void what_the_disk_kept_from_being_read_is_tried_again_after_a_minute() throws Exception {
    var image = push("apps/one");
    var obstacle = fullDisk(image);
    kept = List.of(image);
    papers.wake();
    for (var end = Instant.now().plusSeconds(30); papers.lacking(image).isEmpty(); ) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(50);
    }
    Files.delete(obstacle);

    for (var end = Instant.now().plusSeconds(110); !has(image); ) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(100);
    }
  }

  @Test
  void what_the_disk_says_is_for_the_log() throws Exception {
    var image = push("apps/one");
    var _ = fullDisk(image);

    assertThat(papers.answer(image).problem())
        .extracting(Problem::code, Problem::message)
        .containsExactly(
            "no-sbom", "what is in the image cannot be read: the builder cannot read it for now");
  }

  @Test
  void it_goes_with_its_image_and_stays_as_long() throws Exception {
    var kept = push("apps/kept");
    var gone = push("apps/gone");
    assertThat(papers.answer(kept).document()).isNotNull();
    assertThat(papers.answer(gone).document()).isNotNull();

    registry.registry().collect(Set.of(kept), Instant.now().plusSeconds(60));

    assertThat(has(kept)).isTrue();
    assertThat(exporter.attachments().find(AttachmentKind.BILL, kept)).isPresent();
    assertThat(folder.resolve("registry/repositories/apps/gone")).doesNotExist();
  }

  @Test
  void a_layer_that_is_lost_is_told_to_the_doctor() throws Exception {
    var image = push("apps/damaged");
    try (Stream<Path> files = Files.list(folder.resolve("registry/blobs/sha256"))) {
      for (var file : files.toList()) {
        var bytes = Files.readAllBytes(file);
        if (bytes.length > 2 && (bytes[0] & 0xff) == 0x1f) {
          Files.write(file, new byte[bytes.length]);
        }
      }
    }
    kept = List.of(image);
    papers.wake();

    for (var end = Instant.now().plusSeconds(30); papers.lacking(image).isEmpty(); ) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(50);
    }
    assertThat(papers.lacking(image).getFirst())
        .startsWith("the bill of materials of " + image)
        .contains("the registry has something else for the layer");
    assertThat(papers.answer(image).problem()).extracting("code").isEqualTo("no-sbom");
  }
}
