package dev.widemesh.router;

import dev.widemesh.router.Headers.Origin;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One request and its answer over Vert.x's HTTP server and client.
// When changing this class:
// - every upstream that was entered is left exactly once
// - a request is sent twice only when no instance can have acted on the first
// - an answer that broke off is never ended as if it were whole
final class PlainExchange implements Exchange, Approach.Asker, Lane.Watched, Lane.Laggard {
  /// An instance may close a connection at the very moment that we use it. A request that may not
  /// be repeated goes only over one used a moment ago, when no keep-alive can run out yet.
  private static final Duration REPEATABLE = Duration.ofSeconds(4);

  private static final Duration UNREPEATABLE = Duration.ofSeconds(1);

  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(
          HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.PUT, HttpMethod.DELETE);

  private final Lane lane;
  private final Inquiry inquiry;
  private final HttpServerRequest request;
  private final Plan plan;
  private final Settings settings;
  private final Approach approach;
  private Body body;
  private @Nullable Buffer first;
  private long received;
  private boolean bodySeen;
  private boolean bodyEnded;
  private boolean asked;
  private final Interim interim;
  private boolean continued;
  private boolean repeated;
  private boolean answered;
  private boolean over;
  private boolean lagging;
  private boolean whole;
  private long wholeSince;
  private Optional<Pump> upload = Optional.empty();
  private final BodyPace pace = new BodyPace();
  private Optional<Trip> trip = Optional.empty();
  private long lastActive = System.nanoTime();

  /// What to ask, of whom.
  record Plan(Destination.Found to, String target, Origin origin) {}

  /// One attempt at one instance.
  private record Trip(Upstream upstream, Link link) {}

  PlainExchange(Lane lane, Inquiry inquiry, Plan plan, Directory directory, Settings settings) {
    this.lane = lane;
    this.inquiry = inquiry;
    this.request = inquiry.request();
    this.interim = new Interim(request);
    this.plan = plan;
    this.settings = settings;
    this.body = Body.of(request);
    this.approach =
        new Approach(lane, () -> directory.again(plan.to().backends()), settings.hold(), this);
  }

  @Override
  public void begin() {
    lane.watch(this);
    request.exceptionHandler(_ -> clientGone());
    inquiry.response().exceptionHandler(_ -> clientGone());
    inquiry.response().closeHandler(_ -> clientGone());
    switch (body) {
      case Body.None _ -> seek(false);
      case Body.Sized(var bytes) when bytes > plan.to().bodyLimit() ->
          refuse(Refusal.TOO_LARGE, "");
      case Body.Sized _, Body.Chunked _ -> {
        request.pause();
        seek(false);
      }
      case Body.Unknown _ -> peek();
    }
  }

  /// Waits for the first frame: either the end, or the beginning of a body without a length.
  private void peek() {
    request.endHandler(
        _ -> {
          body = new Body.None(false);
          seek(false);
        });
    request.handler(
        piece -> {
          request.pause();
          first = piece;
          body = new Body.Chunked();
          seek(false);
        });
    request.resume();
  }

  private void seek(boolean fresh) {
    var mayRepeat = IDEMPOTENT.contains(request.method()) && !body.mayFollow();
    approach.seek(fresh ? Duration.ZERO : mayRepeat ? REPEATABLE : UNREPEATABLE);
  }

  @Override
  public void unreached(Refusal refusal, String detail) {
    refuse(refusal, detail);
  }

  @Override
  public void reached(Upstream upstream, Link link) {
    active();
    var now = new Trip(upstream, link);
    trip = Optional.of(now);
    link.connection()
        .request(new RequestOptions().setMethod(request.method()).setURI(plan.target()))
        .onComplete(out -> send(now, out), failure -> broke(now, failure));
  }

  private void send(Trip now, HttpClientRequest out) {
    if (stale(now)) {
      now.link().close();
      return;
    }
    asked = false;
    out.exceptionHandler(failure -> broke(now, failure));
    out.continueHandler(
        _ -> {
          continued = true;
          say(now, interim::proceed);
        });
    out.earlyHintsHandler(hints -> say(now, () -> interim.hint(hints)));
    Headers.toInstance(request.headers(), out.headers(), plan.origin(), plan.to().prefix());
    out.response().onComplete(in -> answer(now, in), failure -> broke(now, failure));
    switch (body) {
      case Body.None(var stated) when stated -> out.headers().set("Content-Length", "0");
      case Body.None _ -> {}
      case Body.Sized(var bytes) -> out.headers().set("Content-Length", Long.toString(bytes));
      case Body.Chunked _, Body.Unknown _ -> out.setChunked(true);
    }
    if (!body.mayFollow() || bodyEnded) {
      bodyEnded = true;
      end(now, out);
      return;
    }
    out.sendHead();
    upload(now, out);
  }

  private void end(Trip now, HttpClientRequest out) {
    out.end()
        .onSuccess(
            _ -> {
              asked |= !stale(now);
            });
  }

  private void upload(Trip now, HttpClientRequest out) {
    request.endHandler(
        _ -> {
          bodyEnded = true;
          active();
          if (!over && !uploadOver()) {
            end(now, out);
          }
        });
    var pump = new Pump(request, Valve.of(request), out, this::accept, Pump.Flow.NOBODY);
    upload = Optional.of(pump);
    if (first != null) {
      var piece = first;
      first = null;
      if (accept(piece)) {
        out.write(piece);
      }
    }
    pump.start();
  }

  private boolean accept(Buffer piece) {
    active();
    bodySeen = true;
    received += piece.length();
    if (received > plan.to().bodyLimit() && !uploadOver()) {
      refuse(Refusal.TOO_LARGE, "");
    }
    return !over && !uploadOver();
  }

  /// The instance answered without reading all: the rest of the body goes nowhere.
  private boolean uploadOver() {
    return answered && trip.isEmpty();
  }

  private void say(Trip now, Runnable word) {
    if (stale(now) || answered) {
      return;
    }
    if (interim.mayFollow()) {
      word.run();
    } else {
      broke(now, new IOException("more than %d answers before it".formatted(Interim.MOST)));
    }
  }

  private void answer(Trip now, HttpClientResponse in) {
    if (stale(now)) {
      return;
    }
    active();
    in.exceptionHandler(failure -> broke(now, failure));
    if (in.statusCode() < 200) {
      broke(now, new IOException("status " + in.statusCode()));
      return;
    }
    answered = true;
    new Answer(lane, request, in, now.link().gate().turn(), this::active, this::lags)
        .relay(() -> received(now, in), this::sent);
  }

  private void lags(boolean now) {
    lagging = now || whole;
    inquiry.lags(this, lagging && !over, settings.laggards());
    active();
  }

  @Override
  public void cut() {
    if (!over) {
      breakOff(Refusal.LAGGARD, "");
    }
  }

  /// The instance is done with; the client may still have to take the end.
  private void received(Trip now, HttpClientResponse in) {
    if (stale(now)) {
      return;
    }
    trip = Optional.empty();
    whole = true;
    wholeSince = System.nanoTime();
    active();
    if (asked && !Headers.connectionSays(in.headers(), "close")) {
      now.upstream().pool(lane).give(now.link());
    } else {
      now.link().close();
    }
    now.upstream().leave();
    if (!bodyEnded) {
      inquiry.linger(false);
    }
  }

  private void sent() {
    if (!over) {
      finish();
    }
  }

  /// The connection failed, or what came is no answer.
  private void broke(Trip now, Throwable why) {
    if (stale(now)) {
      return;
    }
    leave();
    if (answered) {
      inquiry.note(Refusal.INTERRUPTED, Prober.words(why));
      inquiry.breakOff();
      finish();
    } else if (mayRepeat(now)) {
      repeated = true;
      request.pause();
      seek(true);
    } else {
      var closed = why instanceof HttpClosedException || isReset(why);
      refuse(closed ? Refusal.CLOSED : Refusal.GARBAGE, Prober.words(why));
    }
  }

  private static boolean isReset(Throwable why) {
    return why instanceof IOException && String.valueOf(why.getMessage()).contains("reset");
  }

  private boolean mayRepeat(Trip now) {
    var unfinished = body.mayFollow() && !bodyEnded;
    return now.link().used()
        && !repeated
        && !bodySeen
        && !continued
        && (unfinished || IDEMPOTENT.contains(request.method()));
  }

  /// Of a whole answer we hear in another way whether it went.
  private void clientGone() {
    if (!over && !whole) {
      inquiry.note(Refusal.CLIENT_GONE, "");
      leave();
      finish();
    }
  }

  private void refuse(Refusal refusal, String detail) {
    if (!over) {
      leave();
      finishQuietly();
      inquiry.refuse(refusal, detail);
    }
  }

  private boolean stale(Trip now) {
    return over || trip.isEmpty() || !trip.get().equals(now);
  }

  private void leave() {
    trip.ifPresent(
        now -> {
          trip = Optional.empty();
          now.link().close();
          now.upstream().leave();
        });
  }

  private void finish() {
    finishQuietly();
    inquiry.done();
  }

  private void finishQuietly() {
    over = true;
    approach.cancel();
    lane.forget(this);
    inquiry.lags(this, false, settings.laggards());
  }

  private void active() {
    lastActive = System.nanoTime();
  }

  @Override
  public void tick(long now) {
    if (comesTooSlowly(now)) {
      refuse(Refusal.SLOW_CLIENT, "only %d bytes came".formatted(received));
      return;
    }
    var patient = whole ? now - wholeSince < mostForTheEnd() : lagging;
    if (patient && inquiry.isTaken()) {
      active();
    }
    var limit = answered ? settings.idle() : settings.answer();
    var waiting = trip.isEmpty() && !whole && !(body instanceof Body.Unknown);
    if (waiting || now - lastActive < limit.toNanos()) {
      return;
    }
    if (answered) {
      breakOff(
          lagging ? Refusal.LAGGARD : Refusal.INTERRUPTED,
          "silent for " + limit.toSeconds() + " s");
    } else {
      var waitsForClient = body.mayFollow() && !bodyEnded;
      refuse(waitsForClient ? Refusal.SLOW_CLIENT : Refusal.TIMED_OUT, "");
    }
  }

  private long mostForTheEnd() {
    return settings.idle().multipliedBy(Wire.PATIENCE).toNanos();
  }

  private boolean comesTooSlowly(long now) {
    var comes = upload.isPresent() && !upload.get().isStopped();
    var wanted = comes && !over && !answered && !bodyEnded;
    return pace.isTooSlow(now, wanted, received, settings.idle());
  }

  private void breakOff(Refusal why, String detail) {
    leave();
    inquiry.note(why, detail);
    if (why == Refusal.LAGGARD) {
      inquiry.cut();
    } else {
      inquiry.breakOff();
    }
    finish();
  }
}
