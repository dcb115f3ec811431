package dev.widemesh.controller;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Only one controller is active on a database: it holds an advisory lock, and its number in
/// `fence` is the newest.
final class ActiveLock {
  private static final Logger log = LoggerFactory.getLogger(ActiveLock.class);
  private static final long KEY = 0x776964656d657368L;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final String url;
  private boolean closed;
  private long number;

  ActiveLock(Vertx vertx, String url) {
    this.vertx = vertx;
    this.url = url;
  }

  /// The fencing number. Waits a little for a predecessor that is just ending.
  long take() {
    var deadline = Instant.now().plus(PATIENCE);
    var connection = Tx.await(PgConnection.connect(vertx, Database.options(url)));
    while (!tryLock(connection)) {
      if (Instant.now().isAfter(deadline)) {
        throw new IllegalStateException(
            "another controller is active on this database; stop it, or give this one its own");
      }
      Tx.await(vertx.timer(200));
    }
    number =
        new Tx(connection)
            .one("UPDATE fence SET number = number + 1 RETURNING number")
            .orElseThrow()
            .getLong(0);
    hold(connection);
    return number;
  }

  private static boolean tryLock(PgConnection connection) {
    return new Tx(connection)
        .one("SELECT pg_try_advisory_lock($1)", KEY)
        .orElseThrow()
        .getBoolean(0);
  }

  private void hold(PgConnection connection) {
    connection.closeHandler(
        _ -> {
          if (!closed) {
            log.warn("the connection that holds the lock ended, taking it again");
            again();
          }
        });
  }

  private void again() {
    var _ =
        vertx.setTimer(
            500,
            _ -> {
              try {
                retake();
              } catch (RuntimeException e) {
                log.warn("no lock yet: {}", e.toString());
                again();
              }
            });
  }

  // With another number in the fence somebody else was active: every transaction of ours is
  // refused by it, and this process has to be started anew.
  private void retake() {
    if (closed) {
      return;
    }
    var connection = Tx.await(PgConnection.connect(vertx, Database.options(url)));
    var now = new Tx(connection).one("SELECT number FROM fence").orElseThrow().getLong(0);
    if (now != number) {
      log.error("another controller took over (fence {}, ours {}); stop this one", now, number);
      var _ = connection.close();
    } else if (tryLock(connection)) {
      hold(connection);
    } else {
      var _ = connection.close();
      again();
    }
  }

  void close() {
    closed = true;
  }
}
