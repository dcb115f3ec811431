package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.InstanceSpec.Readiness;
import dev.widemesh.api.rack.RouteTable.Instance;
import dev.widemesh.api.rack.RouteTable.Role;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ProbeTest {
  private static Instance onPath(int port) {
    var readiness = new Readiness(Readiness.Kind.HTTP, "/up", 0);
    return new Instance("w-1", "127.0.0.1", port, Role.CANDIDATE, readiness, Stage.HOST);
  }

  private static boolean says(FakeRack rack, boolean ready, String detail) throws Exception {
    var report =
        rack.report(
            r ->
                r.probes().stream().anyMatch(p -> p.ready() == ready && p.detail().equals(detail)));
    return report.applied() > 0;
  }

  @Test
  @Tag("SVC-6")
  @Tag("SVC-7")
  void it_is_ready_while_its_path_answers_2xx(@TempDir Path folder) throws Exception {
    var status = new AtomicInteger(302);
    try (var stage = new Stage(folder);
        var web =
            Backend.start(
                request -> {
                  var asked =
                      request.uri().equals("/up")
                          && Stage.HOST.equals(request.getHeader("Host"))
                          && "https".equals(request.getHeader("X-Forwarded-Proto"));
                  request.response().setStatusCode(asked ? status.get() : 400).end();
                })) {
      stage.rack().publishAndAwait(stage.table(onPath(web.port())));
      assertThat(says(stage.rack(), false, "302")).isTrue();
      status.set(204);
      assertThat(says(stage.rack(), true, "")).isTrue();
      status.set(500);
      assertThat(says(stage.rack(), false, "500")).isTrue();
      status.set(200);
      assertThat(says(stage.rack(), true, "")).isTrue();
    }
  }

  @Test
  @Tag("SVC-6")
  void a_closed_port_is_named(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder)) {
      stage.rack().publishAndAwait(stage.table(Stage.current("w-1", Stage.freePort())));

      assertThat(says(stage.rack(), false, "connection refused")).isTrue();
    }
  }

  @Test
  void without_a_port_it_is_not_probed(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder)) {
      stage.rack().publishAndAwait(stage.table(Stage.current("w-1", 0)));

      assertThat(stage.rack().report(r -> r.applied() == 1).probes()).isEmpty();
    }
  }
}
