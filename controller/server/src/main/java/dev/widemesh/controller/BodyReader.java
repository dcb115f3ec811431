package dev.widemesh.controller;

import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/// Reads a request's body up to a limit, once the caller is known to be allowed to send one.
final class BodyReader {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private BodyReader() {}

  static Buffer read(HttpServerRequest request, int limit) {
    var whole = Promise.<Buffer>promise();
    var read = Buffer.buffer();
    request.handler(
        chunk -> {
          if (read.length() + chunk.length() > limit) {
            whole.tryFail(Refusal.tooLarge(limit));
          } else {
            read.appendBuffer(chunk);
          }
        });
    request.endHandler(_ -> whole.tryComplete(read));
    request.exceptionHandler(whole::tryFail);
    request.resume();
    try {
      return Waiting.await(whole.future(), DEADLINE);
    } catch (TimeoutException _) {
      throw Refusal.bad(
          "slow-body", "the body did not arrive in " + DEADLINE.toSeconds() + " s", null);
    }
  }
}
