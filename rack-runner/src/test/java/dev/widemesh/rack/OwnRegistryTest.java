package dev.widemesh.rack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.ArtifactManifest;
import dev.widemesh.api.ImageSignature;
import dev.widemesh.api.Json;
import dev.widemesh.api.OwnRegistry;
import dev.widemesh.api.SignatureManifest;
import dev.widemesh.api.WrongContent;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a registry can do to whoever asks it, when somebody else writes to it or answers for it.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class OwnRegistryTest {
  private static final byte[] MEGABYTE = new byte[1 << 20];
  private static final long TOO_MUCH = 200L << 20;
  private static final String NOTHING = ArtifactManifest.EMPTY_DIGEST;
  private static final String OTHER = "sha256:" + "1".repeat(64);

  /// How one answers; it ends, or its client goes.
  private interface Content {
    void send(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final Map<String, Content> contents = new ConcurrentHashMap<>();
  private final AtomicLong sent = new AtomicLong();
  private final CountDownLatch left = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v2/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getPath().substring("/v2/".length());
    try (exchange) {
      contents.getOrDefault(path, it -> it.sendResponseHeaders(404, -1)).send(exchange);
    } catch (IOException e) {
      left.countDown();
      throw e;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private OwnRegistry registry(Duration patience) {
    var address = "127.0.0.1:" + server.getAddress().getPort();
    return new OwnRegistry(address, "rack", "secret", patience);
  }

  private OwnRegistry registry() {
    return registry(Duration.ofSeconds(30));
  }

  private void has(String path, String content) {
    contents.put(
        path,
        exchange -> {
          var bytes = bytes(content);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
        });
  }

  /// Whoever takes all of it has them in memory.
  private void hasTooMuch(String path) {
    contents.put(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          while (sent.get() < TOO_MUCH) {
            exchange.getResponseBody().write(MEGABYTE);
            sent.addAndGet(MEGABYTE.length);
          }
        });
  }

  /// A byte now and then, so that no read waits for long.
  private void dribbles(String path) {
    contents.put(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          do {
            exchange.getResponseBody().write(' ');
            exchange.getResponseBody().flush();
          } while (!over.await(50, TimeUnit.MILLISECONDS));
        });
  }

  @Test
  void what_was_asked_for_by_a_digest_has_it() throws IOException {
    has("apps/a/manifests/" + NOTHING, "{}");
    has("apps/a/blobs/" + NOTHING, "{}");
    has("apps/a/manifests/tag", "{}");
    assertThat(registry().manifest("apps/a", NOTHING)).isPresent();
    assertThat(registry().blob("apps/a", NOTHING, 2)).isPresent();
    assertThat(registry().manifest("apps/a", "tag")).isPresent();
    assertThat(registry().manifest("apps/a", OTHER)).isEmpty();

    has("apps/a/manifests/" + OTHER, "{}");
    has("apps/a/blobs/" + OTHER, "{}");
    assertThatThrownBy(() -> registry().manifest("apps/a", OTHER))
        .isInstanceOf(WrongContent.class)
        .hasMessage("what the registry gives for %s is not that".formatted(OTHER));
    assertThatThrownBy(() -> registry().blob("apps/a", OTHER, 2)).isInstanceOf(WrongContent.class);
  }

  @Test
  void no_more_is_read_than_there_may_be() {
    hasTooMuch("apps/a/manifests/tag");
    hasTooMuch("apps/a/blobs/" + NOTHING);

    assertThatThrownBy(() -> registry().manifest("apps/a", "tag"))
        .isInstanceOf(WrongContent.class)
        .hasMessageContaining("more than 4194304 bytes");
    assertThatThrownBy(() -> registry().blob("apps/a", NOTHING, 1_000))
        .isInstanceOf(WrongContent.class)
        .hasMessageContaining("more than 1000 bytes");
    assertThat(sent).as("bytes that were taken").hasValueLessThan(TOO_MUCH / 2);
  }

  @Test
  void an_answer_that_never_ends_is_given_up_in_time_and_its_connection_closed() throws Exception {
    dribbles("apps/a/blobs/" + NOTHING);
    var before = Instant.now();

    assertThatThrownBy(() -> registry(Duration.ofSeconds(1)).blob("apps/a", NOTHING, 1 << 20))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not answer GET")
        .hasMessageContaining("within 1 s");

    assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(20));
    assertThat(left.await(20, TimeUnit.SECONDS)).as("the connection ends").isTrue();
  }

  @Test
  void a_signature_is_found_beside_payloads_that_lie_about_their_size_or_their_digest()
      throws IOException {
    var key = SigningKey.generate();
    var signature = ImageSignature.of(key, "here/apps/a", OTHER);
    var right = HoldingRegistry.digest(bytes(signature.payload()));
    has("apps/a/manifests/" + SignatureManifest.tag(OTHER), manifest(signature, "../x", right));
    assertThat(find(key)).as("its payload is not there yet").isFalse();
    has("apps/a/blobs/" + right, signature.payload());
    hasTooMuch("apps/a/blobs/" + NOTHING);

    for (var wrong : List.of("", "../x", "http://elsewhere/", "no words", NOTHING)) {
      has("apps/a/manifests/" + SignatureManifest.tag(OTHER), manifest(signature, wrong, right));
      assertThat(find(key)).as(wrong).isTrue();
    }

    has("apps/a/blobs/" + NOTHING, signature.payload());
    has("apps/a/manifests/" + SignatureManifest.tag(OTHER), manifest(signature, NOTHING, OTHER));
    assertThat(find(key)).as("signed, but not what was asked for").isFalse();
    has("apps/a/manifests/" + SignatureManifest.tag(OTHER), "no manifest");
    assertThat(find(key)).isFalse();
  }

  /// Of payloads that all say they are small.
  private static String manifest(ImageSignature signature, String... payloads) {
    var layers =
        Stream.of(payloads)
            .map(
                digest ->
                    Map.of(
                        "mediaType",
                        "application/vnd.dev.cosign.simplesigning.v1+json",
                        "size",
                        300,
                        "digest",
                        digest,
                        "annotations",
                        Map.of("dev.cosignproject.cosign/signature", signature.signature())))
            .toList();
    return Json.write(Map.of("schemaVersion", 2, "layers", layers));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private boolean find(SigningKey key) throws IOException {
    return SignatureManifest.find(registry(), key.verifying(), "apps/a", OTHER).isPresent();
  }
}
