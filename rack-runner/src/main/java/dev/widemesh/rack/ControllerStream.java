package dev.widemesh.rack;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import dev.widemesh.api.rack.RackMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one long connection to the controller, always made from here. Silent for fifteen seconds, it
/// is dead and made again.
final class ControllerStream implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControllerStream.class);
  private static final Duration SILENT = Duration.ofSeconds(15);
  private static final List<Duration> PAUSES =
      List.of(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(5));
  private static final int LONGEST_LINE = 64_000_000;

  private final ApiClient controller;
  private final String path;
  private final Consumer<RackMessage> messages;
  private final Runnable connected;
  private final Thread thread;
  private volatile long heard;
  private volatile boolean any;

  ControllerStream(
      RackRunnerConfig config,
      ApiClient controller,
      Consumer<RackMessage> messages,
      Runnable connected) {
    this.controller = controller;
    // Definitions are whole, few and idempotent: asking for all of them each time also brings back
    // one whose file was lost.
    this.path =
        Route.RACK_STREAM.path()
            + "?after=0&protocol="
            + RackMessage.PROTOCOL
            + "&node="
            + URLEncoder.encode(config.node(), StandardCharsets.UTF_8);
    this.messages = messages;
    this.connected = connected;
    this.thread = Thread.ofVirtual().name("controller-stream").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    var failures = 0;
    try {
      while (true) {
        Thread.sleep(PAUSES.get(Math.min(failures, PAUSES.size() - 1)));
        failures = converse() ? 1 : failures + 1;
      }
    } catch (InterruptedException _) {
      log.debug("the stream stopped");
    }
  }

  /// Answers whether anything was heard.
  private boolean converse() throws InterruptedException {
    heard = System.nanoTime();
    any = false;
    var conversation = Thread.ofVirtual().name("controller-stream-read").start(this::listen);
    try {
      while (!conversation.join(left())) {
        if (left().isNegative() || left().isZero()) {
          log.warn("the controller is silent for {} s; connecting again", SILENT.toSeconds());
          break;
        }
      }
    } finally {
      conversation.interrupt();
      var _ = conversation.join(Duration.ofSeconds(5));
    }
    return any;
  }

  private Duration left() {
    return SILENT.minusNanos(System.nanoTime() - heard);
  }

  private void listen() {
    try (var stream = controller.stream(path)) {
      log.info("connected to the controller at {}", controller.base());
      connected.run();
      for (var line = line(stream); line.isPresent(); line = line(stream)) {
        heard = System.nanoTime();
        any = true;
        take(line.get());
        heard = System.nanoTime();
      }
      log.info("the controller closed the stream");
    } catch (ApiException e) {
      var next = Objects.requireNonNullElse(e.problem().nextStep(), "trying again");
      log.info("no stream from the controller: {}; {}", e.getMessage(), next);
    } catch (IOException e) {
      log.info("no stream from the controller: {}", e.getMessage());
    }
  }

  private void take(String line) {
    if (line.isBlank()) {
      return;
    }
    try {
      messages.accept(Json.read(line, RackMessage.class));
    } catch (RuntimeException e) {
      log.error("a message of the controller is not understood or cannot be stored", e);
    }
  }

  private static Optional<String> line(InputStream stream) throws IOException {
    var line = new ByteArrayOutputStream();
    for (var next = stream.read(); next >= 0; next = stream.read()) {
      if (next == '\n') {
        return Optional.of(line.toString(StandardCharsets.UTF_8));
      }
      if (line.size() >= LONGEST_LINE) {
        throw new IOException("a line longer than " + LONGEST_LINE + " bytes");
      }
      line.write(next);
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      var _ = thread.join(Duration.ofSeconds(6));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
