package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.ApiClient;
import dev.widemesh.api.BuildWire.SignatureLook;
import dev.widemesh.api.BuildWire.SignatureLook.Outcome;
import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import dev.widemesh.builder.LookPause.Looked;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A platform that gets a key, or another one, beside images that it has; and one whose images lose
/// their signatures. What is signed is known to be ours by something that neither the registry nor
/// the database says.
@DisplayNameGeneration(ReplaceUnderscores.class)
class SigningAnewTest {
  private static final String LOST = "apps/lost@sha256:" + "0".repeat(64);

  @TempDir private Path folder;
  private final AtomicInteger asked = new AtomicInteger();
  private RunningRegistry registry;
  private HttpServer controller;
  private volatile String kept = "[]";

  /// Whether statements about all images are signed with the key of now.
  private volatile boolean hasPapers = true;

  @BeforeEach
  void start() throws IOException {
    registry = RunningRegistry.in(folder.resolve("registry"));
    controller = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    controller.createContext(
        Route.KEPT_IMAGES.path(),
        exchange -> {
          // At first it is not ready: nobody may take that for "nothing is kept".
          var ready = asked.incrementAndGet() > 1;
          var bytes = kept.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(ready ? 200 : 503, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    controller.start();
  }

  @AfterEach
  void stop() {
    controller.stop(0);
    registry.close();
  }

  private ImageExporter with(SigningKey key) {
    return registry.exporter(folder.resolve("cache"), key);
  }

  /// Signed with that key, without a copy.
  private String push(String repository, SigningKey key) throws IOException {
    var exporter = registry.exporter(folder.resolve("elsewhere/cache"), key);
    return RunningRegistry.push(exporter, repository, folder);
  }

  private String unsigned(String repository) throws IOException {
    var image = push(repository, SigningKey.generate());
    Files.delete(tag(image));
    return image;
  }

  private Path tag(String image) {
    var at = image.indexOf('@');
    return folder.resolve(
        "registry/repositories/%s/_tags/%s.sig"
            .formatted(image.substring(0, at), image.substring(at + 1).replace(':', '-')));
  }

  private SigningAnew signing(SigningKey key) {
    var uri = URI.create("http://127.0.0.1:" + controller.getAddress().getPort());
    return new SigningAnew(new ApiClient(uri, "token"), with(key), key, folder, () -> hasPapers);
  }

  private SignedWith before() {
    return SignedWith.in(folder);
  }

  /// A platform that starts with that key, once the controller answers.
  private SigningAnew start(SigningKey key) {
    asked.set(1);
    var signing = signing(key);
    signing.round();
    return signing;
  }

  private boolean isSigned(SigningKey key, String image) throws IOException {
    return with(key).isSigned(image);
  }

  @Test
  @Tag("BLD-10")
  void what_loses_its_signature_is_signed_again_if_that_is_known_to_be_ours() throws Exception {
    var key = SigningKey.generate();
    var image = push("apps/one", key);
    with(key).mend(image, List.of());
    var unknown = unsigned("apps/unknown");
    kept = Json.write(List.of(LOST, image, unknown));
    Files.delete(tag(image));
    assertThat(isSigned(key, image)).isFalse();

    var signing = start(key);

    assertThat(isSigned(key, image)).isTrue();
    assertThat(isSigned(key, unknown)).isFalse();

    // What nobody keeps is no longer known as ours, as soon as no build can still hand it in.
    with(key).rememberOnly(List.of(), Instant.now().plusSeconds(1));
    Files.delete(tag(image));
    signing.round();
    assertThat(isSigned(key, image)).isFalse();
  }

  @Test
  @Tag("BLD-10")
  void what_was_there_before_the_first_key_is_signed_once_and_nothing_that_comes_later()
      throws Exception {
    var key = SigningKey.generate();
    var old = unsigned("apps/old");
    var later = unsigned("apps/later");
    before().isFirst();
    kept = Json.write(List.of(LOST, old));
    var signing = signing(key);

    assertThat(signing.round()).as("the controller did not answer").isEqualTo(Looked.AT_NONE);
    assertThat(signing.look(old).outcome()).isEqualTo(Outcome.STUCK);
    assertThat(signing.round()).isEqualTo(Looked.AT_ALL);

    assertThat(isSigned(key, old)).isTrue();

    // Whoever smuggles one in finds nobody who signs it, now and after a restart.
    kept = Json.write(List.of(old, later));
    signing.round();
    before().isFirst();
    start(key);
    assertThat(isSigned(key, later)).isFalse();
  }

  @Test
  @Tag("BLD-10")
  void nothing_is_signed_after_a_restore_or_where_the_builder_lost_its_folder() throws Exception {
    var key = SigningKey.generate();
    var ours = push("apps/ours", key);
    var foreign = unsigned("apps/foreign");
    kept = Json.write(List.of(ours, foreign));

    start(key);
    before().isAll(key.verifying());
    start(key);

    assertThat(isSigned(key, ours)).isTrue();
    assertThat(isSigned(key, foreign)).isFalse();

    // By what it found whole it knows again what is ours, and looks at once for who waits.
    Files.delete(tag(ours));
    assertThat(signing(key).look(foreign).outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(signing(key).look(ours).outcome()).isEqualTo(Outcome.SIGNED);
    assertThat(isSigned(key, ours)).isTrue();
  }

  @Test
  @Tag("BLD-10")
  void with_a_new_key_that_is_signed_which_the_old_one_verifies() throws Exception {
    var old = SigningKey.generate();
    var ours = push("apps/ours", old);
    var copied = push("apps/copied", old);
    with(old).mend(copied, List.of());
    Files.delete(tag(copied));
    var foreign = push("apps/foreign", SigningKey.generate());
    var none = unsigned("apps/none");
    kept = Json.write(List.of(ours, foreign, none));
    var key = SigningKey.generate();
    before().keepFormer(List.of(old.verifying()));

    start(key);
    // And once more, before the first change came to the others.
    kept = Json.write(List.of(ours, copied, foreign, none));
    before().write(new SignedWith.Proof.Keys(List.of(old.verifying(), key.verifying())));
    var next = SigningKey.generate();
    start(next);

    assertThat(isSigned(next, ours)).isTrue();
    assertThat(isSigned(next, copied)).isTrue();
    assertThat(isSigned(next, foreign)).isFalse();
    assertThat(isSigned(next, none)).isFalse();
    assertThat(Files.readString(before().file())).doesNotContain(pem(old)).contains(pem(next));
  }

  private static String pem(SigningKey key) {
    return Json.write(key.verifying().pem()).replace("\"", "");
  }

  @Test
  @Tag("BLD-10")
  void a_key_of_before_counts_until_what_it_signed_besides_is_signed_anew() throws Exception {
    var old = SigningKey.generate();
    var ours = push("apps/ours", old);
    kept = Json.write(List.of(ours));
    var key = SigningKey.generate();
    before().keepFormer(List.of(old.verifying()));
    hasPapers = false;
    var signing = start(key);
    assertThat(isSigned(key, ours)).isTrue();
    assertThat(signing.round()).isEqualTo(Looked.AT_ALL);

    // After a restart it still counts.
    start(key);
    assertThat(Files.readString(before().file())).contains(pem(old), pem(key));

    hasPapers = true;
    signing.round();
    assertThat(Files.readString(before().file())).doesNotContain(pem(old)).contains(pem(key));
  }

  @Test
  @Tag("BLD-10")
  void rounds_in_which_nobody_was_asked_are_no_tries() {
    var pause = new LookPause();
    for (var i = 0; i < 100; i++) {
      assertThat(pause.after(Looked.AT_NONE)).isLessThanOrEqualTo(Duration.ofSeconds(30));
    }
    for (var isAfterAll : List.of(false, true)) {
      var first = pause.after(Looked.AT_SOME);
      assertThat(first).isLessThanOrEqualTo(Duration.ofSeconds(isAfterAll ? 1 : 30));
      for (var i = 0; i < 8; i++) {
        assertThat(pause.after(Looked.AT_SOME)).isLessThanOrEqualTo(Duration.ofSeconds(30));
      }
      assertThat(pause.after(Looked.AT_SOME)).isEqualTo(Duration.ofMinutes(10));
      assertThat(pause.after(Looked.AT_ALL)).isEqualTo(Duration.ofMinutes(10));
    }
  }

  @Test
  @Tag("BLD-10")
  void where_no_key_of_before_is_known_nothing_is_signed() throws Exception {
    var old = SigningKey.generate();
    var ours = push("apps/ours", old);
    kept = Json.write(List.of(ours));
    var key = SigningKey.generate();
    for (var text : List.of("", "not json", "{}", "{\"keys\":[\"no key\"]}", "0".repeat(64))) {
      Files.writeString(before().file(), text);
      before().isFirst();

      start(key);

      assertThat(isSigned(key, ours)).as(text).isFalse();
    }

    // The fingerprint that an earlier release wrote, and the public half that it showed.
    Files.writeString(before().file(), old.verifying().fingerprint());
    before().keepFormer(List.of(old.verifying()));
    start(key);
    assertThat(isSigned(key, ours)).isTrue();
  }

  @Test
  @Tag("BLD-10")
  void one_that_cannot_be_read_keeps_nobody_waiting_and_is_signed_when_it_can() throws Exception {
    var old = SigningKey.generate();
    var stuck = push("apps/stuck", old);
    var ours = push("apps/ours", old);
    var link = Files.readString(tag(stuck));
    Files.delete(tag(stuck));
    Files.createDirectory(tag(stuck));
    kept = Json.write(List.of(stuck, ours));
    var key = SigningKey.generate();
    before().keepFormer(List.of(old.verifying()));

    var signing = start(key);
    assertThat(isSigned(key, ours)).isTrue();
    assertThat(signing.round()).isEqualTo(Looked.AT_SOME);
    assertThat(signing.look(stuck))
        .isEqualTo(SignatureLook.stuck("the builder cannot read it for now"));
    assertThat(signing.look(ours).outcome()).isEqualTo(Outcome.SIGNED);

    Files.delete(tag(stuck));
    Files.writeString(tag(stuck), link);
    assertThat(signing.round()).isEqualTo(Looked.AT_ALL);
    assertThat(isSigned(key, stuck)).isTrue();
  }
}
