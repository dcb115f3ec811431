package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.RouteTable.Environment;
import dev.widemesh.api.rack.RouteTable.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class InsideTest {
  private static Environment environment(String id, String subnet, String address, int port) {
    var services =
        List.of(
            new Service("finance-payments", List.of(Stage.current(id + "-1", port))),
            new Service("finance-worker", List.of(Stage.current(id + "-2", 0))));
    return new Environment(id, id, subnet, address, services, List.of());
  }

  private static Backend named(String name) {
    return Backend.start(
        request -> request.response().end(name + " for " + request.getHeader("X-Forwarded-For")));
  }

  /// From an address, at an address, once something listens there.
  private static String get(Stage stage, String from, String at, String host) throws IOException {
    try (var raw = connect(from, at, stage.settings().insideHttp())) {
      raw.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
      return raw.rest();
    }
  }

  private static Raw connect(String from, String at, int port) throws IOException {
    var deadline = System.nanoTime() + 5_000_000_000L;
    while (true) {
      try {
        return new Raw(at, port, from);
      } catch (java.net.ConnectException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }

  @Test
  @Tag("NET-1")
  @Tag("NET-2")
  void each_environment_has_its_own_names(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var one = named("one");
        var two = named("two")) {
      stage.serve(
          stage.table(
              environment("env00001", "127.0.1.0/24", "127.0.1.1", one.port()),
              environment("env00002", "127.0.2.0/24", "127.0.2.1", two.port())),
          "env00001-1",
          "env00002-1");

      assertThat(get(stage, "127.0.1.9", "127.0.1.1", "finance-payments"))
          .contains(" 200 ")
          .endsWith("one for 127.0.1.9");
      assertThat(get(stage, "127.0.2.9", "127.0.2.1", "finance-payments"))
          .endsWith("two for 127.0.2.9");
      assertThat(get(stage, "127.0.1.9", "127.0.1.1", "finance-worker")).contains("W17");
      assertThat(get(stage, "127.0.1.9", "127.0.1.1", "nobody")).contains("W17");
    }
  }

  @Test
  @Tag("NET-2")
  void a_peer_from_another_subnet_gets_nothing(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var web = named("web")) {
      stage.serve(
          stage.table(environment("env00001", "127.0.1.0/24", "127.0.1.1", web.port())),
          "env00001-1");

      assertThat(get(stage, "127.0.2.9", "127.0.1.1", "finance-payments"))
          .doesNotContain("HTTP/1.1")
          .doesNotContain("hangs");
    }
  }

  @Test
  void on_a_wildcard_the_local_address_chooses_the_names(@TempDir Path folder) throws Exception {
    var settings = Stage.settings(Path.of("/etc/resolv.conf"));
    try (var stage = new Stage(folder, settings, "0.0.0.0", settings.insideHttp());
        var web = named("web")) {
      stage.serve(
          stage.table(environment("env00001", "127.0.1.0/24", "127.0.1.1", web.port())),
          "env00001-1");

      assertThat(get(stage, "127.0.1.9", "127.0.1.1", "finance-payments")).endsWith("127.0.1.9");
      assertThat(get(stage, "127.0.1.9", "127.0.0.1", "finance-payments")).contains("W01");
      assertThat(get(stage, "127.0.2.9", "127.0.1.1", "finance-payments"))
          .doesNotContain("HTTP/1.1");
    }
  }

  @Test
  void a_gone_environment_is_no_longer_listened_for(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var web = named("web")) {
      stage.serve(
          stage.table(environment("env00001", "127.0.1.0/24", "127.0.1.1", web.port())),
          "env00001-1");
      connect("127.0.1.9", "127.0.1.1", stage.settings().insideHttp()).close();
      stage.serve(stage.table(new Environment[0]));

      assertThat(closes(stage)).isTrue();
    }
  }

  private static boolean closes(Stage stage) throws IOException {
    var deadline = System.nanoTime() + 5_000_000_000L;
    while (System.nanoTime() < deadline) {
      try {
        new Raw("127.0.1.1", stage.settings().insideHttp(), "127.0.1.9").close();
      } catch (java.net.ConnectException _) {
        return true;
      }
    }
    return false;
  }
}
