package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client's request with what we know about it, and the way to refuse it.
final class Inquiry {
  private static final Logger log = LoggerFactory.getLogger(Inquiry.class);
  private static final long LINGER_MILLIS = 5_000;

  /// Where nobody knows any more what belongs to the request.
  private static final long UNREADABLE_MILLIS = 250;

  /// What follows them on the connection may be anything.
  private static final Set<Refusal> UNSURE = EnumSet.of(Refusal.MALFORMED, Refusal.METHOD);

  private final Lane lane;
  private final HttpServerRequest request;
  private final Visitor visitor;
  private final String id = newId();
  private String what = "";
  private boolean done;
  private long taken;
  private long letters;

  Inquiry(Lane lane, HttpServerRequest request, Visitor visitor) {
    this.lane = lane;
    this.request = request;
    this.visitor = visitor;
    visitor.begin(http2());
    if (!http2()) {
      request.response().headersEndHandler(_ -> partIfLeaving());
    }
  }

  private static String newId() {
    var random = ThreadLocalRandom.current();
    return "%016x%016x".formatted(random.nextLong(), random.nextLong());
  }

  private void partIfLeaving() {
    if (lane.leaving()) {
      response().headers().set("Connection", "close");
    }
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return request.response();
  }

  String id() {
    return id;
  }

  /// For the log, once it is known to be printable.
  void about(RequestCheck.Valid valid) {
    what = request.method() + " " + valid.host() + valid.path();
  }

  String client() {
    return Directory.address(request.remoteAddress());
  }

  boolean http2() {
    return request.version() == HttpVersion.HTTP_2;
  }

  void refuse(Refusal refusal, String detail) {
    if (done) {
      return;
    }
    note(refusal, detail);
    var response = response();
    if (response.ended() || response.closed()) {
      done();
      return;
    }
    if (response.headWritten()) {
      breakOff();
      done();
      return;
    }
    response.headers().clear();
    var unread = Body.of(request).mayFollow() && !request.isEnded();
    var last = !http2() && (unread || UNSURE.contains(refusal));
    if (last) {
      visitor.last();
      response.headers().set("Connection", "close");
    }
    var accept = request.headers().get("Accept");
    ErrorPage.send(response, refusal, id, accept == null ? "" : accept);
    if (unread || last) {
      linger(last);
    }
    done();
  }

  /// A client that still sends would lose the answer to a reset if we closed at once. It may take
  /// five seconds for the rest.
  void linger(boolean thenClose) {
    request.exceptionHandler(_ -> {});
    if (http2()) {
      discard();
      return;
    }
    var readable = request.decoderResult().isSuccess() && !request.isEnded();
    var millis = readable ? LINGER_MILLIS : UNREADABLE_MILLIS;
    var timer = lane.vertx().setTimer(millis, _ -> visitor.close());
    if (request.isEnded()) {
      return;
    }
    request.endHandler(
        _ -> {
          lane.vertx().cancelTimer(timer);
          if (thenClose) {
            visitor.close();
          }
        });
    discard();
  }

  private void discard() {
    if (!request.isEnded()) {
      request.handler(_ -> {});
      request.resume();
    }
  }

  /// Ends an answer that is not whole. The client may still take what there is of it, unless a
  /// usual end would tell it that this is all.
  void breakOff() {
    if (http2()) {
      response().reset();
    } else if (lastsUntilTheEnd()) {
      visitor.cut();
    } else {
      visitor.close();
    }
  }

  /// Ends what is neither an answer nor whole, once `written` and taken.
  void reset(Future<?> written) {
    visitor.reset(written);
  }

  /// HTTP/1.0 knows no chunks (RFC 1945, 7.2.2).
  private boolean lastsUntilTheEnd() {
    var response = response();
    return request.version() == HttpVersion.HTTP_1_0
        && response.headWritten()
        && !response.headers().contains("Content-Length");
  }

  /// Ends it at once: the client does not take what there is.
  void cut() {
    if (http2()) {
      response().reset();
    } else {
      visitor.cut();
    }
  }

  /// Whether the client keeps up with this answer. Over HTTP/2 each holds memory of its own.
  void lags(Lane.Laggard answer, boolean lagging, int most) {
    if (http2()) {
      lane.lags(answer, lagging, most);
    } else {
      visitor.lags(answer, lagging);
    }
  }

  /// Whether the client took something since this was asked last.
  boolean isTaken() {
    var before = taken;
    taken = visitor.taken();
    return taken != before;
  }

  /// In the log only.
  void note(Refusal refusal, String detail) {
    log.info(
        "{} {} {} from {} id {}: {}{}",
        refusal.code(),
        refusal.status(),
        what.isEmpty() ? "(unreadable request)" : what,
        client(),
        id,
        refusal.title(),
        detail.isEmpty() ? "" : " (" + detail + ")");
  }

  /// Whether there is memory for its head, till it is done.
  boolean remember() {
    var sum = (long) request.uri().length();
    for (var header : request.headers()) {
      sum += header.getKey().length() + header.getValue().length();
    }
    if (lane.takeHead(sum)) {
      letters = sum;
      return true;
    }
    return false;
  }

  void done() {
    if (!done) {
      done = true;
      lane.giveHead(letters);
      visitor.end();
    }
  }
}
