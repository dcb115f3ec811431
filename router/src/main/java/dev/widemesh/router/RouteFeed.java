package dev.widemesh.router;

import dev.widemesh.api.rack.RouteTable;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the rack-runner for newer tables, for ever. Runs on one event loop.
final class RouteFeed {
  private static final Logger log = LoggerFactory.getLogger(RouteFeed.class);
  private static final long FIRST_PAUSE = 50;
  private static final long LONGEST_PAUSE = 1_000;

  private final Vertx vertx;
  private final RackSocket rack;
  private final Consumer<RouteTable> sink;
  private long revision;
  private long pause = FIRST_PAUSE;
  private boolean stopped;

  RouteFeed(Vertx vertx, RackSocket rack, long revision, Consumer<RouteTable> sink) {
    this.vertx = vertx;
    this.rack = rack;
    this.revision = revision;
    this.sink = sink;
  }

  void stop() {
    stopped = true;
  }

  void pull() {
    if (stopped) {
      return;
    }
    rack.routes(revision).onComplete(this::came, this::failed);
  }

  private void came(Optional<RouteTable> answer) {
    pause = FIRST_PAUSE;
    answer.filter(table -> table.revision() > revision).ifPresent(this::take);
    if (answer.isPresent()) {
      pull();
    } else {
      // A rack-runner that answers 204 at once must not make this loop spin.
      vertx.setTimer(FIRST_PAUSE, _ -> pull());
    }
  }

  private void take(RouteTable table) {
    revision = table.revision();
    sink.accept(table);
  }

  private void failed(Throwable why) {
    if (pause == FIRST_PAUSE && !stopped) {
      log.warn("no routes from the rack-runner ({}): serving by the last ones", why.toString());
    }
    vertx.setTimer(pause, _ -> pull());
    pause = Math.min(LONGEST_PAUSE, pause * 2);
  }
}
