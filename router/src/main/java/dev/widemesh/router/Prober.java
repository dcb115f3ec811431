package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.ConnectException;
import java.util.concurrent.TimeUnit;

/// Asks one instance whether it is ready: often while it starts, at leisure afterwards. Stops when
/// the instance drains; [#hurry] wakes it.
final class Prober {
  private static final long STARTING = 50;
  private static final long EJECTED = 100;
  private static final long DOUBTED = 500;
  private static final long HEALTHY = 2_000;
  private static final long ANSWER_SECONDS = 5;

  /// An instance that was ready is ejected after this many failures in a row.
  private static final int FAILURES = 2;

  private final Upstream upstream;
  private final Lane lane;
  private int failures;
  private boolean asking;
  private long timer = -1;

  Prober(Upstream upstream, Lane lane) {
    this.upstream = upstream;
    this.lane = lane;
  }

  /// From any thread: now rather than later.
  void hurry() {
    lane.run(this::ask);
  }

  private void ask() {
    if (timer != -1) {
      lane.vertx().cancelTimer(timer);
      timer = -1;
    }
    if (asking || !upstream.probed()) {
      return;
    }
    asking = true;
    question().timeout(ANSWER_SECONDS, TimeUnit.SECONDS).onComplete(this::healthy, this::failed);
  }

  private Future<Void> question() {
    return switch (upstream.instance().readiness().kind()) {
      case PORT, ALIVE -> connect().compose(HttpClientConnection::close);
      case HTTP -> connect().compose(this::get);
    };
  }

  private Future<HttpClientConnection> connect() {
    var instance = upstream.instance();
    return lane.client()
        .connect(
            new HttpConnectOptions()
                .setHost(instance.address())
                .setPort(instance.port())
                .setSsl(false)
                .setConnectTimeout(ANSWER_SECONDS * 1_000));
  }

  private Future<Void> get(HttpClientConnection connection) {
    var options = new RequestOptions().setMethod(HttpMethod.GET).setURI(path());
    return connection
        .request(options)
        .compose(
            request -> {
              request.exceptionHandler(_ -> {});
              request.headers().set("Host", upstream.instance().probeHost());
              request.headers().set("X-Forwarded-Proto", "https");
              request.headers().set("User-Agent", "Widemesh-Probe");
              request.headers().set("Connection", "close");
              return request.send();
            })
        .compose(
            response -> {
              response.exceptionHandler(_ -> {});
              return response.statusCode() / 100 == 2
                  ? Future.<Void>succeededFuture()
                  : Future.<Void>failedFuture(NotReady.because(response));
            })
        .timeout(ANSWER_SECONDS, TimeUnit.SECONDS)
        .eventually(connection::close);
  }

  private String path() {
    var path = upstream.instance().readiness().path();
    return path == null || path.isEmpty() ? "/" : path;
  }

  private void healthy(Void nothing) {
    failures = 0;
    upstream.healthy();
    again(HEALTHY);
  }

  private void failed(Throwable why) {
    failures++;
    if (upstream.ready() && failures < FAILURES) {
      again(DOUBTED);
      return;
    }
    upstream.unhealthy(words(why));
    again(
        switch (upstream.health()) {
          case STARTING -> STARTING;
          case UNREADY -> EJECTED;
          case READY -> HEALTHY;
        });
  }

  static String words(Throwable why) {
    return switch (why) {
      case NotReady status -> String.valueOf(status.getMessage());
      case ConnectException e when String.valueOf(e.getMessage()).contains("refused") ->
          "connection refused";
      case ConnectException e -> String.valueOf(e.getMessage());
      case java.util.concurrent.TimeoutException _ -> "no answer within 5 s";
      default -> why.getMessage() == null ? why.toString() : why.getMessage();
    };
  }

  private void again(long millis) {
    asking = false;
    if (upstream.probed()) {
      timer = lane.vertx().setTimer(millis, _ -> ask());
    }
  }

  private static final class NotReady extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST = 200;

    private NotReady(String status) {
      super(status, null, false, false);
    }

    /// A redirect says where to: the operator may have meant that path.
    static NotReady because(HttpClientResponse response) {
      var status = String.valueOf(response.statusCode());
      var to = response.headers().get("Location");
      return to != null && response.statusCode() / 100 == 3
          ? new NotReady("%s (to %s)".formatted(status, cut(to)))
          : new NotReady(status);
    }

    private static String cut(String text) {
      var printable = text.replaceAll("\\P{Print}", "?");
      return printable.length() > LONGEST ? printable.substring(0, LONGEST) + "..." : printable;
    }
  }
}
