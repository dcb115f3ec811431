package dev.widemesh.controller;

import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One transaction on one connection. Every wait in it has a deadline.
final class Tx {
  private static final Duration LIMIT = Duration.ofMillis(4_500);

  // Cancelled by statement_timeout or lock_timeout, shutting down, starting up, too many
  // connections.
  private static final Set<String> SILENCE =
      Set.of("57014", "55P03", "57P01", "57P02", "57P03", "53300");

  private final SqlConnection connection;

  Tx(SqlConnection connection) {
    this.connection = connection;
  }

  RowSet<Row> rows(String sql, @Nullable Object... values) {
    return await(connection.preparedQuery(sql).execute(Tuple.wrap(Arrays.asList(values))));
  }

  Optional<Row> one(String sql, @Nullable Object... values) {
    var rows = rows(sql, values).iterator();
    return rows.hasNext() ? Optional.of(rows.next()) : Optional.empty();
  }

  <T> List<T> list(Function<Row, T> each, String sql, @Nullable Object... values) {
    return rows(sql, values).stream().map(each).toList();
  }

  /// How many rows it changed.
  int change(String sql, @Nullable Object... values) {
    return rows(sql, values).rowCount();
  }

  static <T> T await(Future<T> future) {
    try {
      return Waiting.await(future, LIMIT);
    } catch (TimeoutException e) {
      throw new DatabaseSilent(e);
    } catch (Waiting.Stopped e) {
      throw e;
    } catch (RuntimeException e) {
      if (e instanceof PgException refused && !SILENCE.contains(refused.getSqlState())) {
        throw refused;
      }
      throw new DatabaseSilent(e);
    }
  }
}
