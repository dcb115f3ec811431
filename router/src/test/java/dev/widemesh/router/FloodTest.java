package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FloodTest {
  @TempDir Path folder;

  @Test
  @Tag("RTR-8")
  void heads_that_never_end_push_out_each_other_and_nobody_else() throws Exception {
    try (var stage = new Stage(folder);
        var backend = Backend.start(request -> request.response().end("fine"))) {
      stage.serve(stage.table(Stage.current("web-1", backend.port())), "web-1");
      var flood = new ArrayList<Raw>();
      try {
        for (var i = 0; i < Settings.WAITING + 500; i++) {
          var raw = new Raw("127.0.0.1", stage.port(), "127.0.0." + (2 + i / 1_000));
          flood.add(raw);
          raw.send("GET / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\nX-Long: ");
        }

        assertThat(flood.getFirst().rest()).doesNotContain("hangs");
        var request = "GET / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\nConnection: close\r\n\r\n";
        assertThat(Raw.exchange(stage.port(), request)).contains("200").endsWith("fine");
      } finally {
        for (var raw : flood) {
          raw.close();
        }
      }
    }
  }
}
