package dev.widemesh.router;

import dev.widemesh.router.Routing.Backends;
import java.net.ConnectException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Looks for a ready instance and a connection to it: past instances that refuse, and waiting for
/// one that starts. Whatever it reaches has been entered.
final class Approach {
  private final Lane lane;
  private final Supplier<Optional<Backends>> backends;
  private final Duration patience;
  private final Asker asker;
  private final Set<Upstream> tried = new HashSet<>();
  private final Runnable again = this::lookAgain;
  private Optional<Refusal> lastRefusal = Optional.empty();
  private String lastDetail = "";
  private Duration rest = Duration.ZERO;
  private Optional<WaitingLine> line = Optional.empty();
  private long timer;
  private boolean cancelled;

  interface Asker {
    void reached(Upstream upstream, Link link);

    void unreached(Refusal refusal, String detail);
  }

  Approach(Lane lane, Supplier<Optional<Backends>> backends, Duration patience, Asker asker) {
    this.lane = lane;
    this.backends = backends;
    this.patience = patience;
    this.asker = asker;
  }

  /// Takes only connections that rested at most so long; with zero, a new one.
  void seek(Duration longestRest) {
    rest = longestRest;
    look();
  }

  void cancel() {
    cancelled = true;
    stopWaiting();
  }

  private void look() {
    pick().ifPresentOrElse(this::dial, this::noneReady);
  }

  private Optional<Upstream> pick() {
    return backends.get().flatMap(found -> Picker.pick(found.current(), tried));
  }

  private void dial(Upstream upstream) {
    var pool = upstream.pool(lane);
    var idle = rest.isZero() ? Optional.<Link>empty() : pool.idle(rest);
    if (idle.isPresent()) {
      asker.reached(upstream, idle.get());
      return;
    }
    pool.connect()
        .onComplete(link -> connected(upstream, link), failure -> refused(upstream, failure));
  }

  private void connected(Upstream upstream, Link link) {
    if (cancelled) {
      upstream.pool(lane).give(link);
      upstream.leave();
      return;
    }
    asker.reached(upstream, link);
  }

  private void refused(Upstream upstream, Throwable why) {
    var refusal =
        switch (why) {
          case Pool.TooManyLinks _ -> Refusal.BUSY;
          case ConnectException e when String.valueOf(e.getMessage()).contains("refused") ->
              Refusal.REFUSED;
          default ->
              String.valueOf(why.getMessage()).contains("timed out")
                  ? Refusal.UNREACHABLE
                  : Refusal.REFUSED;
        };
    lastDetail = Prober.words(why);
    lastRefusal = Optional.of(refusal);
    if (refusal != Refusal.BUSY) {
      upstream.refused(lastDetail);
    }
    upstream.leave();
    tried.add(upstream);
    if (!cancelled) {
      look();
    }
  }

  private void noneReady() {
    if (lastRefusal.isEmpty() && someoneStarts() && join()) {
      timer = lane.vertx().setTimer(patience.toMillis(), _ -> tooLong());
      lane.hold(again);
      return;
    }
    asker.unreached(lastRefusal.orElse(Refusal.NONE_HEALTHY), lastDetail);
  }

  private boolean someoneStarts() {
    return backends
        .get()
        .map(found -> found.current().stream().anyMatch(Approach::mayStart))
        .orElse(false);
  }

  private static boolean mayStart(Upstream upstream) {
    return upstream.instance().port() > 0 && upstream.starting(Duration.ofMinutes(1).toNanos());
  }

  private boolean join() {
    line = backends.get().map(Backends::line).filter(WaitingLine::join);
    return line.isPresent();
  }

  private void lookAgain() {
    var found = pick();
    if (found.isPresent()) {
      stopWaiting();
      dial(found.get());
    } else if (!someoneStarts()) {
      stopWaiting();
      asker.unreached(Refusal.NONE_HEALTHY, "");
    }
  }

  private void tooLong() {
    stopWaiting();
    asker.unreached(Refusal.HELD_TOO_LONG, "");
  }

  private void stopWaiting() {
    if (line.isPresent()) {
      line.get().leave();
      line = Optional.empty();
      lane.vertx().cancelTimer(timer);
      lane.release(again);
    }
  }
}
