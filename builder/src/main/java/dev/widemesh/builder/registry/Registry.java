package dev.widemesh.builder.registry;

import dev.widemesh.model.VerifyingKey;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An OCI registry in this process: the builder pushes to it, the engines of the racks pull from
/// it. HTTP runs on event loops; everything that touches a file runs on a virtual thread of its
/// own.
public final class Registry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Registry.class);
  private static final long SWEEP_MILLIS = Duration.ofMinutes(5).toMillis();
  private static final int STOP_SECONDS = 10;

  private final RegistryConfig config;
  private final Store store;
  private final Uploads uploads;
  private final Doorkeeper doorkeeper;
  private final Desk desk;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Vertx vertx;
  private final HttpServer server;
  private volatile List<String> held = List.of();

  private Registry(RegistryConfig config) throws IOException {
    this.config = config;
    this.store = new Store(config.store());
    this.uploads = new Uploads(store);
    this.doorkeeper = new Doorkeeper(config.credentials());
    this.desk = new Desk(store, uploads);
    this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    this.server = vertx.createHttpServer(options()).requestHandler(this::accept);
  }

  public static Registry start(RegistryConfig config) {
    Registry registry;
    try {
      registry = new Registry(config);
    } catch (IOException e) {
      throw new UncheckedIOException("the registry cannot use " + config.store(), e);
    }
    try {
      registry.server.listen(config.port(), config.listen()).await(30, TimeUnit.SECONDS);
    } catch (TimeoutException | RuntimeException e) {
      registry.close();
      throw new IllegalStateException(
          "the registry cannot listen on %s:%d: %s"
              .formatted(config.listen(), config.port(), e.getMessage()),
          e);
    }
    registry.vertx.setPeriodic(
        SWEEP_MILLIS, _ -> registry.threads.execute(registry.uploads::sweep));
    log.info("registry listens on {}", registry.address());
    return registry;
  }

  private static HttpServerOptions options() {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(false)
        .setHandle100ContinueAutomatically(true)
        .setMaxChunkSize(1 << 16)
        .setIdleTimeout(120);
  }

  public int port() {
    return server.actualPort();
  }

  /// `host:port`, as image references begin.
  public String address() {
    return config.listen() + ":" + port();
  }

  /// What is not there of an image, in words; nothing when it can be pulled.
  public List<String> lacks(String reference) throws IOException {
    return Inspection.lacks(store, reference);
  }

  /// The same, and the signature by that key: racks start nothing without.
  public List<String> lacks(String reference, VerifyingKey key) throws IOException {
    return Inspection.lacks(store, reference, key);
  }

  /// The content of a blob as it lies on the disk, unchecked; it can be read to its end even when
  /// it is collected meanwhile. Empty where the repository has no such blob.
  public Optional<InputStream> blob(String repository, String digest) throws IOException {
    var parsed = Digest.parse(digest);
    if (parsed.isEmpty() || !Resource.isName(repository)) {
      return Optional.empty();
    }
    try {
      var file = store.blob(repository, parsed.get());
      return file.isPresent() ? Optional.of(Files.newInputStream(file.get())) : Optional.empty();
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  /// Files of uploads that nobody goes on with.
  public List<String> strays() throws IOException {
    return uploads.strays();
  }

  /// What the last collection left because something cannot be read, in words.
  public List<String> held() {
    return held;
  }

  /// Forgets everything that no kept reference (`<repository>@sha256:...`) needs and that nobody
  /// who may push has pushed or asked for since that moment. It must be one from before the
  /// references were read: what was used after it may be kept by now.
  public void collect(Set<String> keptReferences, Instant unusedSince) {
    try {
      held = List.copyOf(new Collector(store, unusedSince).collect(keptReferences));
    } catch (IOException e) {
      throw new UncheckedIOException("the registry cannot clean up its store", e);
    }
  }

  private void accept(HttpServerRequest request) {
    Context context = vertx.getOrCreateContext();
    var exchange = new Exchange(request, context);
    threads.execute(() -> serve(exchange));
  }

  private void serve(Exchange exchange) {
    try {
      var rights = doorkeeper.admit(exchange.header("Authorization").orElse(null));
      var resource = Resource.parse(exchange.path());
      doorkeeper.check(rights, exchange.method().name(), resource);
      exchange.comesFrom(rights);
      desk.serve(exchange, resource);
    } catch (RegistryFailure e) {
      exchange.refuse(e);
    } catch (IOException | RuntimeException e) {
      log.warn("{} {} failed", exchange.method(), exchange.path(), e);
      exchange.refuse(failure(e));
    }
  }

  private static RegistryFailure failure(Exception e) {
    return String.valueOf(e.getMessage()).contains("No space left on device")
        ? RegistryFailure.diskFull()
        : RegistryFailure.of(ErrorCode.UNKNOWN, "the registry failed; its log says why");
  }

  @Override
  public void close() {
    try {
      vertx.close().await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      log.warn("the registry did not stop within {} s", STOP_SECONDS, e);
    }
    threads.shutdownNow();
    uploads.close();
  }
}
