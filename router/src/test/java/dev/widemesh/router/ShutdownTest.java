package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.http.HttpServerRequest;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ShutdownTest {
  @Test
  @Tag("RTR-7")
  void what_is_under_way_finishes_and_nothing_new_is_taken(@TempDir Path folder) throws Exception {
    var held = new LinkedBlockingQueue<HttpServerRequest>();
    try (var stage = new Stage(folder);
        var web = Backend.start(held::add);
        var client = new Raw("127.0.0.1", stage.port());
        var idle = new Raw("127.0.0.1", stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      var port = stage.port();
      client.send("GET / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\n\r\n");
      var request = held.poll(5, TimeUnit.SECONDS);
      assertThat(request).isNotNull();

      var closing = Thread.ofVirtual().start(() -> stage.router().close());
      assertThat(idle.rest()).isEmpty();
      assertThatThrownBy(() -> new Raw("127.0.0.1", port)).isInstanceOf(ConnectException.class);
      if (request != null) {
        request.response().end("last");
      }

      assertThat(client.rest()).contains(" 200 ").endsWith("last");
      closing.join(5_000);
      assertThat(closing.isAlive()).isFalse();
    }
  }

  @Test
  @Tag("END-1")
  void both_loopback_addresses_are_served(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var client = new Raw("::1", stage.port(), "::1")) {
      client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

      assertThat(client.rest()).contains("W01");
    }
  }
}
