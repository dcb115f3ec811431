package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.ApiClient;
import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
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

/// A platform that gets a key, or another one, beside images that it has.
@DisplayNameGeneration(ReplaceUnderscores.class)
class SigningAnewTest {
  private static final String LOST = "apps/lost@sha256:" + "0".repeat(64);

  @TempDir private Path folder;
  private final AtomicInteger asked = new AtomicInteger();
  private RunningRegistry registry;
  private HttpServer controller;
  private volatile String kept = "[]";

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

  private String push(String repository) throws IOException {
    return RunningRegistry.push(with(SigningKey.generate()), repository, folder);
  }

  @Test
  @Tag("BLD-10")
  void what_loses_its_signature_is_signed_again_if_that_is_known_to_be_ours() throws Exception {
    var key = SigningKey.generate();
    var image = push("apps/one");
    with(key).sign(image);
    var unknown = push("apps/unknown");
    kept = Json.write(List.of(LOST, image, unknown));
    asked.set(1);
    var lost = new LostSignatures(controller(), with(key));

    Files.delete(tag(image));
    assertThat(with(key).isSigned(image)).isFalse();
    lost.round();

    assertThat(with(key).isSigned(image)).isTrue();
    assertThat(with(key).isSigned(unknown)).isFalse();

    // What nobody keeps is no longer known as ours, as soon as no build can still hand it in.
    with(key).rememberOnly(List.of(), Instant.now().plusSeconds(1));
    Files.delete(tag(image));
    lost.round();
    assertThat(with(key).isSigned(image)).isFalse();
  }

  private Path tag(String image) {
    var at = image.indexOf('@');
    return folder.resolve(
        "registry/repositories/%s/_tags/%s.sig"
            .formatted(image.substring(0, at), image.substring(at + 1).replace(':', '-')));
  }

  private ApiClient controller() {
    var uri = URI.create("http://127.0.0.1:" + controller.getAddress().getPort());
    return new ApiClient(uri, "token");
  }

  /// As often as it takes.
  private void sign(SigningKey key) {
    var signing = new SigningAnew(controller(), with(key), key, folder);
    for (var attempt = 1; !signing.isDone(); attempt++) {
      assertThat(signing.isUnderWay()).isTrue();
      assertThat(attempt).isLessThan(3);
    }
    assertThat(signing.isUnderWay()).isFalse();
  }

  @Test
  @Tag("BLD-10")
  void what_is_kept_is_signed_once_with_each_key_and_nothing_else_is() throws Exception {
    var old = push("apps/old");
    var unknown = push("apps/unknown");
    kept = Json.write(List.of(LOST, old));
    var key = SigningKey.generate();

    sign(key);

    assertThat(asked).as("the controller, twice").hasValue(2);
    assertThat(with(key).isSigned(old)).isTrue();
    assertThat(with(key).isSigned(unknown)).isFalse();

    // Whoever smuggles one in later finds nobody who signs it.
    kept = Json.write(List.of(old, unknown));
    var before = asked.get();
    sign(key);
    assertThat(asked).hasValue(before);
    assertThat(with(key).isSigned(unknown)).isFalse();

    var next = SigningKey.generate();
    sign(next);
    assertThat(with(next).isSigned(old)).isTrue();
  }
}
