package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.EnvironmentDefinition.Endpoint;
import dev.widemesh.api.rack.EnvironmentDefinition.PathRoute;
import dev.widemesh.api.rack.RouteTable;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SameAddressTest {
  @TempDir Path folder;

  private static RouteTable.Environment tenant(String name, RouteTable.Instance... instances) {
    return Stage.environment(
        name,
        "127.0.1." + (name.equals("mine") ? 1 : 2),
        List.of(new RouteTable.Service(name + "-web", List.of(instances))),
        List.of(
            new Endpoint(
                name + ".widemesh.localhost", List.of(new PathRoute("/", false, name + "-web")))));
  }

  private static String ask(Stage stage, String tenant, String path) throws java.io.IOException {
    return Raw.exchange(
        stage.port(),
        "GET %s HTTP/1.1\r\nHost: %s.widemesh.localhost\r\nConnection: close\r\n\r\n"
            .formatted(path, tenant));
  }

  /// An instance of mine goes, and its address becomes one of theirs: kept connections, held
  /// requests, late answers, nothing of mine may end up there, and nothing of theirs with me.
  @Test
  @Tag("RTR-5")
  void an_address_that_changes_hands_takes_nothing_with_it() throws Exception {
    var connections = new LinkedBlockingQueue<Integer>();
    try (var stage = new Stage(folder);
        var web =
            Backend.start(
                request -> {
                  connections.add(request.remoteAddress().port());
                  request.response().end("host " + request.getHeader("Host"));
                })) {
      stage.serve(stage.table(tenant("mine", Stage.current("w-1", web.port()))), "w-1");
      assertThat(ask(stage, "mine", "/")).endsWith("host mine.widemesh.localhost");
      var kept = connections.poll(5, TimeUnit.SECONDS);

      stage.serve(
          stage.table(tenant("mine"), tenant("yours", Stage.current("w-1", web.port()))), "w-1");

      assertThat(ask(stage, "mine", "/")).contains(" 503 ").doesNotContain("host ");
      assertThat(connections).isEmpty();
      assertThat(ask(stage, "yours", "/")).endsWith("host yours.widemesh.localhost");
      assertThat(connections.poll(5, TimeUnit.SECONDS)).isNotEqualTo(kept);
    }
  }
}
