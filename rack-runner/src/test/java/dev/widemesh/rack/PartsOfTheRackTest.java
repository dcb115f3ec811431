package dev.widemesh.rack;

import static dev.widemesh.rack.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouterReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PartsOfTheRackTest {
  @TempDir private Path folder;

  @Test
  @Tag("SVC-5")
  void a_crash_loop_restarts_8_times_in_10_minutes_and_13_an_hour_after() {
    var restarts = new ArrayList<Instant>();
    var now = NOW;
    while (now.isBefore(NOW.plus(Duration.ofHours(3)))) {
      now = RestartPauses.next(restarts, now);
      restarts.add(now);
    }

    assertThat(most(restarts, Duration.ofMinutes(10))).isEqualTo(8);
    var later = restarts.stream().filter(at -> at.isAfter(NOW.plusSeconds(600))).toList();
    assertThat(most(later, Duration.ofHours(1))).isLessThanOrEqualTo(13);
  }

  @Test
  void orders_are_carried_out_in_sequence_and_one_that_fails_ends_nothing() {
    var done = new ArrayList<Integer>();
    try (var orders = new Orders()) {
      for (var number = 0; number < 1_000; number++) {
        var order = number;
        orders.give(
            () -> {
              if (order == 500) {
                throw new IllegalStateException("refused by the test");
              }
              done.add(order);
            });
      }
      orders.settle(Duration.ofSeconds(30));

      assertThat(done).hasSize(999).isSorted();
    }
  }

  private static long most(List<Instant> all, Duration window) {
    return all.stream()
        .mapToLong(
            from ->
                all.stream()
                    .filter(at -> !at.isBefore(from) && at.isBefore(from.plus(window)))
                    .count())
        .max()
        .orElse(0);
  }

  @Test
  @Tag("DEP-12")
  void an_exit_is_explained() {
    var spec = Samples.spec(0, List.of("/bin/sh", "-c", "gunicorn app"));

    assertThat(ExitMessage.of(137, true, spec, List.of())).isEqualTo("out of memory (limit 64 MB)");
    assertThat(ExitMessage.of(127, false, spec, List.of("/bin/sh: 1: gunicornn: not found")))
        .isEqualTo("command not found: gunicornn");
    assertThat(ExitMessage.of(127, false, spec, List.of()))
        .isEqualTo("command not found: gunicorn");
    assertThat(ExitMessage.of(139, false, spec, List.of())).isEqualTo("killed by SIGSEGV");
    assertThat(ExitMessage.of(3, false, spec, List.of())).isEqualTo("exited with code 3");
  }

  @Test
  void listening_sockets_are_read_without_dockers_own() {
    var lines =
        List.of(
            "  sl  local_address rem_address   st tx_queue",
            "   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000",
            "   1: 0B00007F:A1B2 00000000:0000 0A 00000000:00000000",
            "   2: 0100007F:0BB8 0100007F:9C40 01 00000000:00000000",
            "   3: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A");

    assertThat(ListeningSockets.parse(lines)).containsExactly("127.0.0.1:3000", "[::]:8080");
  }

  @Test
  void an_entry_that_was_altered_harms_only_itself() throws IOException {
    var vault = Vault.open(folder);
    vault.write("one", new RouteTable(1, List.of(), List.of()));
    vault.write("two", new RouteTable(2, List.of(), List.of()));
    Files.writeString(folder.resolve("state/one.sealed"), "garbage");

    var again = Vault.open(folder);

    assertThat(again.read("one", RouteTable.class)).isEmpty();
    assertThat(again.read("two", RouteTable.class)).map(RouteTable::revision).contains(2L);
  }

  @Test
  void the_tables_revision_only_grows_and_only_with_a_change() throws IOException {
    var vault = Vault.open(folder);
    var routes = new Routes(vault);
    var one =
        new RouteTable.Environment("e", "blue", "10.1.1.0/24", "10.1.1.1", List.of(), List.of());

    var first = routes.show("e", 4, Optional.of(one));
    var same = routes.show("e", 5, Optional.of(one));
    var again = new Routes(vault);

    assertThat(same).isEqualTo(first);
    assertThat(routes.definition("e", first)).isEqualTo(5);
    assertThat(routes.definition("e", first - 1)).isZero();
    assertThat(again.table().revision()).isEqualTo(first);
    assertThat(again.show("e", 6, Optional.empty())).isEqualTo(first + 1);
  }

  @Test
  @Tag("RTR-5")
  void an_address_is_free_only_after_the_routers_applied_a_table_without_it() throws IOException {
    var vault = Vault.open(folder);
    var ledger = new Ledger(vault, "e");
    var subnet = Subnet.parse("10.1.1.0/24");
    var first = ledger.lease(subnet, "a");
    for (var i = 0; i < 252; i++) {
      ledger.lease(subnet, "x" + i);
    }
    var others = java.util.stream.IntStream.range(0, 252).mapToObj(i -> "x" + i).toList();

    ledger.settle(List.of(), Set.copyOf(others), 9, voting(8));
    var restarted = new Ledger(vault, "e");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> restarted.lease(subnet, "b"))
        .hasMessageContaining("no free address");

    restarted.settle(List.of(), Set.copyOf(others), 9, voting(9));
    assertThat(restarted.lease(subnet, "b")).isEqualTo(first);
  }

  private static RouterVotes voting(long applied) {
    var report = new RouterReport("r", applied, List.of(), List.of());
    return new RouterVotes(List.of(new RouterVotes.Vote(report, NOW)));
  }

  @Test
  void a_router_silent_for_ten_seconds_has_no_vote() {
    var now = new Instant[] {NOW};
    var routers = new Routers(() -> now[0]);
    var _ = routers.hear(new RouterReport("r", 3, List.of(), List.of()));
    assertThat(routers.votes().applied(3)).isTrue();

    now[0] = NOW.plusSeconds(11);
    assertThat(routers.votes().applied(3)).isFalse();
    assertThat(routers.votes().ready("x", NOW).detail()).isEqualTo("no router");
  }

  @Test
  @Tag("LOG-3")
  void a_flood_is_bounded_and_told() {
    var flood = new Flood(0);
    var kept = 0;
    for (var i = 0; i < 1_000_000; i++) {
      if (flood.allows(100, i * 1_000L)) {
        kept++;
      }
    }

    assertThat(kept).isBetween(10_000, 16_000);
    assertThat(flood.tell(2_000_000_000L)).isEqualTo(1_000_000 - kept);
  }

  @Test
  @Tag("LOG-2")
  void a_reopened_log_knows_how_far_it_came() throws IOException {
    var at = Instant.parse("2026-01-01T12:00:00.123456789Z");
    var line = new LogRecord("c1", at, "instances", "shop", "web", "web.1", "hello");
    try (var store = new LogStore(folder.resolve("logs"), InstantSource.system())) {
      store.append(line);
    }

    try (var again = new LogStore(folder.resolve("logs"), InstantSource.system())) {
      assertThat(again.cursor("c1").covers(at, "hello")).isTrue();
      assertThat(again.cursor("c1").covers(at, "other")).isFalse();
      assertThat(again.cursor("c1").covers(at.plusNanos(1), "hello")).isFalse();
      assertThat(again.lastLines("c1")).containsExactly("hello");
    }
  }

  @Test
  void networks_are_cut_from_the_pool() {
    var parts = Subnet.parse("10.213.0.0/16").cut();

    assertThat(parts).hasSize(256);
    assertThat(parts.get(7)).hasToString("10.213.7.0/24");
    assertThat(parts.get(7).routerAddress()).isEqualTo("10.213.7.1");
    assertThat(parts.get(7).overlaps(Subnet.parse("10.213.0.0/21"))).isTrue();
    assertThat(parts.get(7).overlaps(Subnet.parse("10.213.8.0/24"))).isFalse();
  }

  @Test
  @Tag("LOG-3")
  void a_reader_that_stands_still_keeps_few_letters_however_long_the_lines() throws Exception {
    try (var reader = new LogSubscription(_ -> {})) {
      var text = "x".repeat(LogRecord.LONGEST);
      for (var i = 0; i < 1_000; i++) {
        reader.offer(new LogRecord("c1", NOW, "instances", "shop", "web", "web.1", text));
      }

      assertThat(reader.dropped()).isEqualTo(600);
      for (var i = 0; i < 400; i++) {
        assertThat(reader.next(Duration.ZERO)).isPresent();
      }
      assertThat(reader.next(Duration.ZERO)).isEmpty();
      reader.offer(new LogRecord("c1", NOW, "instances", "shop", "web", "web.1", text));
      assertThat(reader.next(Duration.ZERO)).isPresent();
    }
  }
}
