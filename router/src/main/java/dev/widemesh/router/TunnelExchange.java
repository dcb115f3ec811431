package dev.widemesh.router;

import io.vertx.core.Future;
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
final class TunnelExchange
    implements Exchange, Approach.Asker, Lane.Watched, Lane.Laggard, Tunnel.Owner {
  private final Lane lane;
  private final Inquiry inquiry;
  private final HttpServerRequest request;
  private final PlainExchange.Plan plan;
  private final Settings settings;
  private final Approach approach;
  private Optional<Upstream> upstream = Optional.empty();
  private Optional<Link> link = Optional.empty();
  private Optional<Tunnel> tunnel = Optional.empty();
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
      join(in, link);
    } else if (in.statusCode() < 200) {
      end(Refusal.GARBAGE, "status " + in.statusCode());
    } else {
      answered = true;
      new Answer(lane, request, in, link.gate().turn(), this::active, this::lags)
          .relay(() -> {}, this::finish);
    }
  }

  private void join(HttpClientResponse in, Link link) {
    var far = new TunnelSide(link.upgrade(), link.wire(), link.gate());
    var head = inquiry.response().headers();
    Headers.toClient(in.headers(), head);
    head.set("Connection", "Upgrade");
    head.set("Upgrade", request.headers().get("Upgrade"));
    joined = true;
    request.toNetSocket().onComplete(near -> join(near, far), this::broke);
  }

  private void join(NetSocket socket, TunnelSide far) {
    var wire = Wire.of(socket);
    if (!wire.isOpen()) {
      end(Refusal.CLIENT_GONE, "");
      return;
    }
    var near = new TunnelSide(socket, wire, Gate.on(wire));
    near.socket().exceptionHandler(_ -> {});
    far.socket().exceptionHandler(_ -> {});
    var kind = new Tunnel.Kind(isWebSocket(), request.isSSL());
    var made = new Tunnel(near, far, kind, this);
    near.socket().shutdownHandler(_ -> made.part());
    tunnel = Optional.of(made);
    made.start();
  }

  @Override
  public void clientBroken(Future<?> written) {
    inquiry.reset(written);
  }

  @Override
  public void instanceBroken(Future<?> written) {
    link.ifPresent(open -> open.reset(written));
  }

  @Override
  public void over() {
    inquiry.breakOff();
    finish();
  }

  private boolean isWebSocket() {
    return "websocket".equalsIgnoreCase(request.headers().get("Upgrade"));
  }

  @Override
  public void lags(boolean now) {
    lane.lags(this, now && !over, settings.laggards());
  }

  @Override
  public void cut() {
    end(Refusal.LAGGARD, clientLags() ? "" : "or the instance");
  }

  private void broke(Throwable why) {
    var closed = why instanceof HttpClosedException;
    end(closed ? Refusal.CLOSED : Refusal.GARBAGE, Prober.words(why));
  }

  private void end(Refusal refusal, String detail) {
    if (over) {
      return;
    }
    tunnel.ifPresent(Tunnel::breakOff);
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
    tunnel.ifPresent(Tunnel::drop);
    link.ifPresent(Link::close);
    upstream.ifPresent(Upstream::leave);
    inquiry.done();
  }

  @Override
  public void active() {
    lastActive = System.nanoTime();
  }

  @Override
  public void tick(long now) {
    tunnel.ifPresent(Tunnel::look);
    var ending = tunnel.map(Tunnel::ending).orElse(false);
    if (ending && tunnel.map(Tunnel::moves).orElse(false)) {
      active();
    }
    if (!over && now - lastActive > limit(ending).toNanos()) {
      end(clientLags() ? Refusal.LAGGARD : Refusal.TIMED_OUT, "");
    }
  }

  private Duration limit(boolean ending) {
    return !joined ? settings.answer() : ending ? settings.idle() : settings.tunnelIdle();
  }

  private boolean clientLags() {
    return tunnel.map(Tunnel::clientLags).orElse(false);
  }
}
