package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Transactions that cross each other, and those of a controller that is no longer the active one.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class DatabaseTest {
  private static final int PAIRS = 100;

  private final String url = Postgres.freshDatabase();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = new Database(vertx, url);

  @BeforeEach
  void two_rows() throws SQLException {
    Migrations.run(url);
    Postgres.run(url, "CREATE TABLE two (id int PRIMARY KEY, n int NOT NULL)");
    Postgres.run(url, "INSERT INTO two VALUES (1, 0), (2, 0)");
    // PostgreSQL looks for a deadlock only after a second; here there are many.
    var name = url.substring(url.lastIndexOf('/') + 1);
    Postgres.run(url, "ALTER DATABASE " + name + " SET deadlock_timeout = '10ms'");
  }

  @AfterEach
  void end() throws Exception {
    database.close();
    var _ = vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void whoever_crosses_another_one_is_not_told_and_both_are_done() throws Exception {
    var attempts = new AtomicInteger();

    for (var pair = 0; pair < PAIRS; pair++) {
      var met = new CyclicBarrier(2);
      var there =
          CompletableFuture.runAsync(() -> cross(1, 2, met, attempts), Thread::startVirtualThread);
      var back =
          CompletableFuture.runAsync(() -> cross(2, 1, met, attempts), Thread::startVirtualThread);
      CompletableFuture.allOf(there, back).get(20, TimeUnit.SECONDS);
    }

    assertThat(attempts.get()).as("each pair crossed").isGreaterThanOrEqualTo(3 * PAIRS);
    assertThat(numbers()).isEqualTo("%d, %d".formatted(2 * PAIRS, 2 * PAIRS));
  }

  // At its first attempt it goes on only when the other one holds its first row as well.
  private void cross(int first, int second, CyclicBarrier met, AtomicInteger attempts) {
    var ours = new AtomicInteger();
    database.run(
        tx -> {
          attempts.incrementAndGet();
          tx.change("UPDATE two SET n = n + 1 WHERE id = $1", first);
          if (ours.incrementAndGet() == 1) {
            meet(met);
          }
          tx.change("UPDATE two SET n = n + 1 WHERE id = $1", second);
        });
  }

  private static void meet(CyclicBarrier met) {
    try {
      var _ = met.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void with_another_number_in_the_fence_nothing_is_written() throws SQLException {
    database.run(DatabaseTest::grow);
    assertThat(numbers()).isEqualTo("1, 1");
    Postgres.run(url, "UPDATE fence SET number = number + 1");

    assertThatThrownBy(() -> database.run(DatabaseTest::grow))
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.problem().code()).isEqualTo("not-active"));

    assertThat(numbers()).isEqualTo("1, 1");
  }

  private static void grow(Tx tx) {
    tx.change("UPDATE two SET n = n + 1");
  }

  private String numbers() throws SQLException {
    return Postgres.read(url, "SELECT string_agg(n::text, ', ' ORDER BY id) FROM two");
  }
}
