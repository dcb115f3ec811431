package dev.widemesh.router;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/// Passes an instance's answer on as it comes: nothing is held back, nothing ends as if complete
/// that was not.
final class Answer {
  private final Lane lane;
  private final HttpServerRequest request;
  private final HttpServerResponse out;
  private final HttpClientResponse in;
  private final Valve valve;
  private final Runnable active;
  private final Pump.Flow flow;

  Answer(
      Lane lane,
      HttpServerRequest request,
      HttpClientResponse in,
      Valve valve,
      Runnable active,
      Pump.Flow flow) {
    this.lane = lane;
    this.request = request;
    this.out = request.response();
    this.in = in;
    this.valve = valve;
    this.active = active;
    this.flow = flow;
  }

  /// `received` runs when the instance gave all of it, `sent` when all has left for the client, or
  /// nothing of it can any more. Between the two the client counts as one that does not keep up.
  void relay(Runnable received, Runnable sent) {
    out.setStatusCode(in.statusCode());
    out.setStatusMessage(in.statusMessage());
    Headers.toClient(in.headers(), out.headers());
    var bodyless = isBodyless();
    if (bodyless) {
      out.headersEndHandler(_ -> dropLengthWeMadeUp());
    } else if (!out.headers().contains("Content-Length")) {
      out.setChunked(true);
    }
    in.endHandler(
        _ -> {
          if (!bodyless) {
            in.trailers()
                .forEach(trailer -> out.trailers().add(trailer.getKey(), trailer.getValue()));
          }
          var end = out.end();
          received.run();
          if (!end.isComplete()) {
            flow.stopped(true);
          }
          end.onComplete(_ -> sent.run());
        });
    new Pump(in, valve, out, this::seen, flow).start();
    if (!bodyless) {
      lane.run(this::flushHead);
    }
  }

  private boolean seen(Buffer piece) {
    active.run();
    return !out.closed() && !out.ended();
  }

  private boolean isBodyless() {
    var status = in.statusCode();
    return request.method().equals(HttpMethod.HEAD) || status == 204 || status == 304;
  }

  private void dropLengthWeMadeUp() {
    if (!in.headers().contains("Content-Length")) {
      out.headers().remove("Content-Length");
    }
  }

  /// The head usually leaves together with the first piece of the body; not so where that piece is
  /// an event of tomorrow.
  private void flushHead() {
    if (out.headWritten() || out.ended() || out.closed()) {
      return;
    }
    if (request.version() == HttpVersion.HTTP_1_0) {
      out.write(Buffer.buffer());
    } else {
      out.writeHead();
    }
  }
}
