package dev.widemesh.builder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How the buildpacks ask a server for a runtime that can be had elsewhere, too.
@DisplayNameGeneration(ReplaceUnderscores.class)
class FetchScriptTest {
  @TempDir private Path scratch;
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;
  private volatile int busy;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/sums",
        exchange -> {
          var isBusy = asked.incrementAndGet() <= busy;
          exchange.sendResponseHeaders(isBusy ? 503 : 200, 4);
          exchange.getResponseBody().write("sums".getBytes(UTF_8));
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String fetch(String url) throws Exception {
    return Bash.run(
        scratch,
        """
        scratch=%s
        . %s/lib/fetch.sh
        if fetch_or_elsewhere %s "$scratch/file"; then cat "$scratch/file"; else printf none; fi
        """
            .formatted(scratch, Workshop.BUILDPACKS, url));
  }

  private String place() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Test
  void one_that_is_busy_is_asked_again_a_few_times() throws Exception {
    busy = 2;
    assertThat(fetch(place() + "/sums")).isEqualTo("sums");
    assertThat(asked).hasValue(3);

    busy = Integer.MAX_VALUE;
    asked.set(0);
    assertThat(fetch(place() + "/sums")).isEqualTo("none");
    assertThat(asked).hasValue(5);
  }

  @Test
  void of_an_address_with_a_login_the_host_alone_is_named() throws Exception {
    var asking =
        ". %s/lib/fetch.sh; host_of https://ada:p@ss@mirror.test:8443/debian@13"
            .formatted(Workshop.BUILDPACKS);
    assertThat(Bash.run(scratch, asking).strip()).isEqualTo("mirror.test:8443");
  }

  @Test
  void one_that_has_it_not_or_is_not_there_is_asked_once() throws Exception {
    assertThat(fetch(place() + "/none")).isEqualTo("none");
    var begin = System.nanoTime();
    assertThat(fetch("http://nowhere.invalid/sums")).isEqualTo("none");
    assertThat(System.nanoTime() - begin).as("ns").isLessThan(2_000_000_000L);
  }
}
