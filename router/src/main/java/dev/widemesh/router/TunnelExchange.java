package dev.widemesh.router;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Optional;

/// A request that asks to speak another protocol (WebSocket): once the instance agrees, bytes both
/// ways, no faster than they are taken. It counts as in flight until it ends.
final class TunnelExchange implements Exchange, Approach.Asker, Lane.Watched, Lane.Laggard {
  private final Lane lane;
  private final Inquiry inquiry;
  private final HttpServerRequest request;
  private final PlainExchange.Plan plan;
  private final Settings settings;
  private final Approach approach;
  private Optional<Upstream> upstream = Optional.empty();
  private Optional<Link> link = Optional.empty();
  private boolean joined;
  private boolean answered;
  private boolean over;
  private long lastActive = System.nanoTime();

  TunnelExchange(
      Lane lane, Inquiry inquiry, PlainExchange.Plan plan, Directory directory, Settings settings) {
    this.lane = lane;
    this.inquiry = inquiry;
    this.request = inquiry.request();
    this.plan = plan;
    this.settings = settings;
    this.approach =
        new Approach(lane, () -> directory.again(plan.to().backends()), settings.hold(), this);
  }

  /// Whether the request asks for it in a way that we pass on. (`h2c` is between two neighbours.)
  static boolean wanted(HttpServerRequest request) {
    var protocol = request.headers().get("Upgrade");
    return protocol != null
        && !protocol.equalsIgnoreCase("h2c")
        && request.method().equals(io.vertx.core.http.HttpMethod.GET)
        && request.version() == io.vertx.core.http.HttpVersion.HTTP_1_1
        && Headers.connectionSays(request.headers(), "upgrade")
        && !Body.of(request).mayFollow();
  }

  @Override
  public void begin() {
    lane.watch(this);
    inquiry.response().exceptionHandler(_ -> end(Refusal.CLIENT_GONE, ""));
    inquiry.response().closeHandler(_ -> end(Refusal.CLIENT_GONE, ""));
    approach.seek(Duration.ZERO);
  }

  @Override
  public void unreached(Refusal refusal, String detail) {
    end(refusal, detail);
  }

  @Override
  public void reached(Upstream found, Link fresh) {
    upstream = Optional.of(found);
    link = Optional.of(fresh);
    fresh
        .connection()
        .request(new RequestOptions().setMethod(request.method()).setURI(plan.target()))
        .onComplete(out -> send(out, fresh), this::broke);
  }

  private void send(HttpClientRequest out, Link link) {
    out.exceptionHandler(this::broke);
    Headers.toInstance(request.headers(), out.headers(), plan.origin(), plan.to().prefix());
    out.headers().set("Connection", "Upgrade");
    out.headers().set("Upgrade", request.headers().get("Upgrade"));
    out.connect().onComplete(in -> answer(in, link), this::broke);
  }

  private void answer(HttpClientResponse in, Link link) {
    if (over) {
      return;
    }
    active();
    in.exceptionHandler(this::broke);
    if (in.statusCode() == 101) {
      join(in);
    } else if (in.statusCode() < 200) {
      end(Refusal.GARBAGE, "status " + in.statusCode());
    } else {
      answered = true;
      new Answer(lane, request, in, link.gate(), this::active, this::lags)
          .relay(() -> {}, this::finish);
    }
  }

  private void join(HttpClientResponse in) {
    var far = in.netSocket();
    far.pause();
    var head = inquiry.response().headers();
    Headers.toClient(in.headers(), head);
    head.set("Connection", "Upgrade");
    head.set("Upgrade", request.headers().get("Upgrade"));
    joined = true;
    request.toNetSocket().onComplete(near -> join(near, far), this::broke);
  }

  private void join(NetSocket near, NetSocket far) {
    var frames = new Frames();
    far.endHandler(_ -> farewell(near, frames));
    far.exceptionHandler(_ -> farewell(near, frames));
    near.endHandler(_ -> far.end());
    near.exceptionHandler(_ -> finish());
    near.closeHandler(_ -> finish());
    near.shutdownHandler(_ -> farewell(near, frames));
    new Pump(near, Valve.of(near), far, this::seen, Pump.Flow.NOBODY).start();
    new Pump(far, Valve.of(far), near, piece -> passes(piece, frames), this::lags).start();
  }

  private boolean passes(Buffer piece, Frames frames) {
    if (isWebSocket()) {
      frames.pass(piece);
    }
    return seen(piece);
  }

  private boolean isWebSocket() {
    return "websocket".equalsIgnoreCase(request.headers().get("Upgrade"));
  }

  /// The instance went, or this router is about to. What does not speak WebSocket just ends.
  private void farewell(NetSocket near, Frames frames) {
    if (over) {
      return;
    }
    if (isWebSocket() && frames.mayFollow()) {
      near.write(Frames.restart());
    }
    inquiry.breakOff();
  }

  private void lags(boolean now) {
    lane.lags(this, now && !over, settings.laggards());
  }

  @Override
  public void cut() {
    end(Refusal.LAGGARD, "");
  }

  private boolean seen(Buffer piece) {
    active();
    return !over;
  }

  private void broke(Throwable why) {
    var closed = why instanceof HttpClosedException;
    end(closed ? Refusal.CLOSED : Refusal.GARBAGE, Prober.words(why));
  }

  private void end(Refusal refusal, String detail) {
    if (over) {
      return;
    }
    if (refusal == Refusal.LAGGARD) {
      inquiry.note(refusal, detail);
      inquiry.cut();
    } else if (answered || joined || refusal == Refusal.CLIENT_GONE) {
      inquiry.breakOff();
    } else {
      inquiry.refuse(refusal, detail);
    }
    finish();
  }

  private void finish() {
    if (over) {
      return;
    }
    over = true;
    approach.cancel();
    lane.forget(this);
    lane.lags(this, false, settings.laggards());
    link.ifPresent(Link::close);
    upstream.ifPresent(Upstream::leave);
    inquiry.done();
  }

  private void active() {
    lastActive = System.nanoTime();
  }

  @Override
  public void tick(long now) {
    var limit = joined ? settings.tunnelIdle() : settings.answer();
    if (now - lastActive > limit.toNanos()) {
      end(Refusal.TIMED_OUT, "");
    }
  }
}
