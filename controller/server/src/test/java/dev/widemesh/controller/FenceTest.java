package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A controller that was paused, and goes on after another one took over.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class FenceTest {
  private static final String TABLES =
      """
      SELECT string_agg(tablename, chr(10)) FROM pg_tables
       WHERE schemaname = 'public' AND tablename <> 'fence'
      """;

  private final Platform platform = Platform.start();

  @Test
  void whatever_it_is_asked_is_refused_and_no_row_changes() throws Exception {
    try (platform;
        var rack = new PlayedRack(platform);
        var _ =
            new PlayedBuilder(platform, _ -> Platform.built("a@sha256:1", Map.of("web", "run")))) {
      var stack = platform.stack("shop");
      platform.follow(platform.push(stack, "1".repeat(40)).id());
      rack.await("shop", definition -> definition.current().size() == 1);

      platform.sql("UPDATE fence SET number = number + 1");
      var before = rows();

      isRefused(() -> configure("blue"));
      isRefused(() -> scale(3));
      isRefused(() -> platform.admin().delete(Route.DELETE_ENVIRONMENT.with("shop")));
      isRefused(() -> platform.push(stack, "2".repeat(40)));
      assertThat(rows()).isEqualTo(before);

      platform.restart();
      assertThat(configure("blue").changed()).isEqualTo(1);
      assertThat(rows()).isNotEqualTo(before);
    }
  }

  private static void isRefused(ThrowingCallable write) {
    assertThatThrownBy(write)
        .isInstanceOfSatisfying(
            ApiException.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(503);
              assertThat(refused.problem().code()).isEqualTo("not-active");
            });
  }

  private Views.ConfigChanged configure(String colour) {
    return platform
        .admin()
        .send(
            "PATCH",
            Route.CHANGE_CONFIG.with("shop", "shop"),
            new Views.ChangeConfig(Map.of("COLOUR", colour), null, null, null),
            Views.ConfigChanged.class);
  }

  private Views.ServiceUpdated scale(int instances) {
    return platform
        .admin()
        .send(
            "PATCH",
            Route.UPDATE_SERVICE.with("shop", "shop", "web"),
            new Views.UpdateService(instances, null, null, null, null, null, null, null, null),
            Views.ServiceUpdated.class);
  }

  /// All that there is, by table.
  private Map<String, String> rows() throws SQLException {
    var rows = new TreeMap<String, String>();
    for (var table : platform.read(TABLES).lines().toList()) {
      var all = "coalesce(string_agg(t::text, ';' ORDER BY t::text), '')";
      rows.put(table, platform.read("SELECT " + all + " FROM " + table + " t"));
    }
    assertThat(rows).containsKeys("configuration", "deployment", "environment", "service");
    return rows;
  }
}
