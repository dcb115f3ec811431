package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.EnvironmentDefinition.Endpoint;
import dev.widemesh.api.rack.EnvironmentDefinition.PathRoute;
import dev.widemesh.api.rack.RouteTable.Environment;
import dev.widemesh.api.rack.RouteTable.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SnapshotTest {
  private static Environment environment(String id, String address, int port) {
    return Stage.environment(
        id,
        address,
        List.of(new Service("shop-web", List.of(Stage.current(id + "-1", port)))),
        List.of(new Endpoint(id + ".localhost", List.of(new PathRoute("/", false, "shop-web")))));
  }

  private static String get(Stage stage, String host) throws IOException {
    return Raw.exchange(
        stage.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  }

  @Test
  @Tag("RTR-6")
  void a_restarted_router_serves_with_nobody_else_there(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var web = Backend.start(request -> request.response().end("ok"))) {
      var table = stage.table(environment("envaaaaa", "127.0.1.1", web.port()));
      stage.serve(table, "envaaaaa-1");
      stage.rack().close();
      stage.restart();

      assertThat(get(stage, "envaaaaa.localhost")).endsWith("ok");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stage.snapshot())))
          .isEqualTo("rw-------");
    }
  }

  @Test
  @Tag("RTR-6")
  void an_unreadable_environment_harms_only_itself(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var web = Backend.start(request -> request.response().end("ok"))) {
      stage.serve(
          stage.table(
              environment("envaaaaa", "127.0.1.1", web.port()),
              environment("envbbbbb", "127.0.1.2", web.port())),
          "envaaaaa-1",
          "envbbbbb-1");
      stage.rack().close();
      stage.damage("envbbbbb.localhost");
      stage.restart();

      assertThat(get(stage, "envaaaaa.localhost")).endsWith("ok");
      assertThat(get(stage, "envbbbbb.localhost")).contains("W01");
    }
  }
}
