package dev.widemesh.controller;

import dev.widemesh.api.Json;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/// An answer of one JSON object a line, as long as somebody reads it.
final class LineStream {
  private static final Duration SLOWEST = Duration.ofSeconds(30);
  private final HttpServerResponse response;

  LineStream(HttpServerResponse response) {
    this.response = response;
    response.setChunked(true);
    response.putHeader("Content-Type", "application/x-ndjson");
    response.putHeader("Cache-Control", "no-store");
  }

  boolean isOpen() {
    return !response.closed() && !response.ended();
  }

  /// Whether it arrived at the reader's machine; waits for a slow one, but not for ever.
  <T> boolean write(T line, Class<T> type) {
    return isOpen() && send(Buffer.buffer(text(line, type) + "\n"));
  }

  // The type's own name is written only when Jackson knows that it is one of several.
  private static <T> String text(T line, Class<T> type) {
    try {
      return Json.MAPPER.writerFor(type).writeValueAsString(line);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalStateException("cannot write a " + type.getSimpleName(), e);
    }
  }

  private boolean send(Buffer line) {
    try {
      var _ = Waiting.await(response.write(line), SLOWEST);
      return true;
    } catch (TimeoutException _) {
      response.reset();
      return false;
    } catch (Waiting.Stopped e) {
      throw e;
    } catch (RuntimeException _) {
      return false; // The reader went away.
    }
  }

  void end() {
    if (isOpen()) {
      var _ = response.end();
    }
  }
}
