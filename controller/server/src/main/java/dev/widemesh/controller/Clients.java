package dev.widemesh.controller;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The connections of the API's clients: one that asks nothing for long has to go, and when there
/// are too many, the one that asked nothing for longest.
final class Clients {
  static final int MOST = 1_000;
  private static final Duration FIRST_REQUEST = Duration.ofSeconds(15);
  private static final Duration NEXT_REQUEST = Duration.ofSeconds(75);

  private static final class Visit {
    private boolean asked;
    private int open;
    private long idleSince = System.nanoTime();

    boolean isIdle() {
      return open == 0;
    }

    boolean isOver(long now) {
      var limit = asked ? NEXT_REQUEST : FIRST_REQUEST;
      return isIdle() && now - idleSince > limit.toNanos();
    }
  }

  private final Map<HttpConnection, Visit> visits = new HashMap<>();

  void watch(Vertx vertx) {
    vertx.setPeriodic(1_000, _ -> sweep(System.nanoTime()));
  }

  synchronized void came(HttpConnection connection) {
    if (visits.size() >= MOST) {
      longestIdle().ifPresentOrElse(HttpConnection::close, connection::close);
    }
    visits.put(connection, new Visit());
    connection.closeHandler(_ -> went(connection));
  }

  private Optional<HttpConnection> longestIdle() {
    return visits.entrySet().stream()
        .filter(visit -> visit.getValue().isIdle())
        .min(Comparator.comparingLong(visit -> visit.getValue().idleSince))
        .map(Map.Entry::getKey);
  }

  synchronized void asks(HttpServerRequest request) {
    var visit = visits.get(request.connection());
    if (visit == null) {
      return;
    }
    visit.asked = true;
    visit.open++;
    request.response().endHandler(_ -> answered(visit));
  }

  private synchronized void answered(Visit visit) {
    visit.open--;
    visit.idleSince = System.nanoTime();
  }

  private synchronized void went(HttpConnection connection) {
    visits.remove(connection);
  }

  private void sweep(long now) {
    over(now).forEach(HttpConnection::close);
  }

  private synchronized List<HttpConnection> over(long now) {
    return visits.entrySet().stream()
        .filter(visit -> visit.getValue().isOver(now))
        .map(Map.Entry::getKey)
        .toList();
  }
}
