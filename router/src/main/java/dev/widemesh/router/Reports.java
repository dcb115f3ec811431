package dev.widemesh.router;

import dev.widemesh.api.rack.RouterReport;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// Posts reports: soon after a change, and at least every two seconds. One at a time, on one event
/// loop; a failed one is made up for by the next, which is whole again.
final class Reports {
  private static final long SOON = 20;
  private static final long REGULARLY = 2_000;

  private final Vertx vertx;
  private final Context context;
  private final RackSocket rack;
  private final Supplier<RouterReport> report;
  private final AtomicBoolean pending = new AtomicBoolean();
  private boolean posting;
  private boolean stopped;

  Reports(Vertx vertx, Context context, RackSocket rack, Supplier<RouterReport> report) {
    this.vertx = vertx;
    this.context = context;
    this.rack = rack;
    this.report = report;
  }

  void start() {
    vertx.setPeriodic(REGULARLY, _ -> changed());
  }

  /// From any thread.
  void changed() {
    if (pending.compareAndSet(false, true)) {
      context.runOnContext(_ -> vertx.setTimer(SOON, _ -> post()));
    }
  }

  void stop() {
    stopped = true;
  }

  private void post() {
    if (stopped) {
      return;
    }
    if (posting) {
      vertx.setTimer(SOON, _ -> post());
      return;
    }
    posting = true;
    pending.set(false);
    rack.report(report.get()).onComplete(_ -> posting = false);
  }
}
