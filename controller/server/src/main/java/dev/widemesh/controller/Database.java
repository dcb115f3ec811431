package dev.widemesh.controller;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/// The way to PostgreSQL. Whatever happens to it, a call ends in time.
///
/// Every transaction first looks whether this controller still is the active one: a paused one that
/// wakes up after another took over can no longer write.
final class Database {
  private static final Set<String> WORTH_A_RETRY = Set.of("40001", "40P01");
  private static final int ATTEMPTS = 5;

  private final Pool pool;
  private volatile long fence;

  Database(Vertx vertx, String url) {
    pool =
        PgBuilder.pool()
            .using(vertx)
            .connectingTo(options(url))
            .with(
                new NetClientOptions()
                    .setConnectTimeout(4_000)
                    .setTcpUserTimeout(8_000)
                    .setTcpKeepAlive(true))
            .with(
                new PoolOptions()
                    .setMaxSize(16)
                    .setMaxWaitQueueSize(2_000)
                    .setConnectionTimeout(4)
                    .setConnectionTimeoutUnit(TimeUnit.SECONDS)
                    .setIdleTimeout(5)
                    .setIdleTimeoutUnit(TimeUnit.SECONDS))
            .build();
  }

  static PgConnectOptions options(String url) {
    return PgConnectOptions.fromUri(url)
        .setCachePreparedStatements(true)
        .setProperties(
            Map.of(
                "application_name", "widemesh-controller",
                "statement_timeout", "4000",
                "lock_timeout", "3000",
                "idle_in_transaction_session_timeout", "20000"));
  }

  /// From now on only while this is the newest number.
  void fencedBy(long number) {
    fence = number;
  }

  void run(Consumer<Tx> work) {
    var _ =
        call(
            tx -> {
              work.accept(tx);
              return true;
            });
  }

  /// All of it or nothing, tried again where PostgreSQL found it crossing another one.
  <T> T call(Function<Tx, T> work) {
    for (var attempt = 1; ; attempt++) {
      try {
        return once(work);
      } catch (PgException e) {
        if (!WORTH_A_RETRY.contains(e.getSqlState()) || attempt == ATTEMPTS) {
          throw e;
        }
        stepAside(attempt);
      }
    }
  }

  /// Whoever comes back at once takes again what the other one has just been given.
  private static void stepAside(int attempt) {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(10L << attempt));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted between two attempts", e);
    }
  }

  private <T> T once(Function<Tx, T> work) {
    var connection = Tx.await(pool.getConnection());
    try {
      var transaction = Tx.await(connection.begin());
      var result = work.apply(checked(connection));
      Tx.await(transaction.commit());
      return result;
    } finally {
      // Rolls back what was not committed; nobody waits for a database that is silent.
      var _ = connection.close();
    }
  }

  private Tx checked(SqlConnection connection) {
    var tx = new Tx(connection);
    if (tx.one("SELECT 1 FROM fence WHERE number = $1 FOR SHARE", fence).isEmpty()) {
      throw Refusal.unavailable(
          "not-active", "another controller took over", "talk to that one, and stop this one");
    }
    return tx;
  }

  void close() {
    var _ = pool.close();
  }
}
