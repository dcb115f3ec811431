package dev.widemesh.router;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/// What an instance says before its answer (RFC 9110, 15.2): passed on, but not without end, for
/// nothing slows it down.
final class Interim {
  static final int MOST = 32;

  private final HttpServerRequest request;
  private int said;

  Interim(HttpServerRequest request) {
    this.request = request;
  }

  /// Whether this one is not too many.
  boolean mayFollow() {
    return ++said <= MOST;
  }

  void proceed() {
    if (isKnown()) {
      request.response().writeContinue();
    }
  }

  void hint(MultiMap hints) {
    if (isKnown()) {
      var headers = MultiMap.caseInsensitiveMultiMap();
      Headers.toClient(hints, headers);
      request.response().writeEarlyHints(headers);
    }
  }

  private boolean isKnown() {
    return request.version() != HttpVersion.HTTP_1_0;
  }
}
