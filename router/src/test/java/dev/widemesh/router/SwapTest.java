package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.RouteTable.Role;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SwapTest {
  private static final int CLIENTS = 40;
  private static final int SWAPS = 10;
  private static final String POST =
      "POST / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\nContent-Length: 5\r\n\r\nhello";

  private static void slowly(HttpServerRequest request, AtomicInteger served) {
    request
        .body()
        .onSuccess(
            _ ->
                CompletableFuture.delayedExecutor(
                        1 + served.incrementAndGet() % 5, TimeUnit.MILLISECONDS)
                    .execute(() -> request.response().end("ok")));
  }

  @Test
  @Tag("DEP-9")
  void no_post_fails_while_instances_come_and_go(@TempDir Path folder) throws Exception {
    var done = new AtomicBoolean();
    var served = new AtomicInteger();
    try (var stage = new Stage(folder);
        var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      var web = Backend.start(request -> slowly(request, served));
      stage.serve(stage.table(Stage.current("w-0", web.port())), "w-0");
      var running = new ArrayList<java.util.concurrent.Future<Integer>>();
      for (var i = 0; i < CLIENTS; i++) {
        running.add(clients.submit(client(stage, done)));
      }
      for (var i = 1; i <= SWAPS; i++) {
        web = replace(stage, web, i, served);
      }
      done.set(true);
      var answers = 0;
      for (var client : running) {
        answers += client.get(10, TimeUnit.SECONDS);
      }
      assertThat(answers).isEqualTo(served.get()).isGreaterThan(CLIENTS * SWAPS);
      web.close();
    }
  }

  /// The next one is started beside, becomes ready, takes over; the old one drains and is stopped.
  private static Backend replace(Stage stage, Backend old, int number, AtomicInteger served)
      throws InterruptedException {
    var next = Backend.start(request -> slowly(request, served));
    var before = Stage.current("w-" + (number - 1), old.port());
    var after = "w-" + number;
    stage.serve(stage.table(before, Stage.instance(after, next.port(), Role.CANDIDATE)), after);
    var draining = Stage.instance(before.id(), old.port(), Role.DRAINING);
    stage.serve(stage.table(draining, Stage.current(after, next.port())));
    var _ = stage.rack().report(r -> r.drained().contains(before.id()));
    old.close();
    stage.serve(stage.table(Stage.current(after, next.port())));
    return next;
  }

  private static Callable<Integer> client(Stage stage, AtomicBoolean done) {
    return () -> {
      var answers = 0;
      try (var raw = new Raw("127.0.0.1", stage.port())) {
        while (!done.get()) {
          raw.send(POST);
          var answer = raw.until("ok");
          assertThat(answer).startsWith("HTTP/1.1 200").endsWith("ok");
          answers++;
        }
      }
      return answers;
    };
  }

  @Test
  @Tag("DEP-9")
  void drained_is_reported_only_after_the_last_answer(@TempDir Path folder) throws Exception {
    var arrived = new CountDownLatch(1);
    var held = new ArrayList<HttpServerRequest>();
    try (var stage = new Stage(folder);
        var slow =
            Backend.start(
                request -> {
                  held.add(request);
                  arrived.countDown();
                });
        var next = Backend.start(request -> request.response().end("next"));
        var client = new Raw("127.0.0.1", stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", slow.port())), "w-1");
      client.send("GET / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\n\r\n");
      assertThat(arrived.await(5, TimeUnit.SECONDS)).isTrue();

      var draining = Stage.instance("w-1", slow.port(), Role.DRAINING);
      stage.serve(stage.table(draining, Stage.current("w-2", next.port())), "w-2");
      assertThat(stage.rack().report(r -> r.applied() == 2).drained()).isEmpty();

      held.getFirst().response().end("last");
      assertThat(client.until("last")).endsWith("last");
      assertThat(stage.rack().report(r -> r.drained().contains("w-1")).drained())
          .isEqualTo(List.of("w-1"));
    }
  }

  @Test
  void a_candidate_takes_no_traffic(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var web = Backend.start(request -> request.response().end("current"));
        var next = Backend.start(request -> request.response().end("candidate"))) {
      stage.serve(
          stage.table(
              Stage.current("w-1", web.port()), Stage.instance("w-2", next.port(), Role.CANDIDATE)),
          "w-1",
          "w-2");
      for (var i = 0; i < 10; i++) {
        assertThat(get(stage)).endsWith("current");
      }
    }
  }

  private static String get(Stage stage) throws Exception {
    return Raw.exchange(
        stage.port(), "GET / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\nConnection: close\r\n\r\n");
  }

  @Test
  void a_request_waits_for_an_instance_that_starts(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      var port = Stage.freePort();
      stage.rack().publishAndAwait(stage.table(Stage.current("w-1", port)));
      var answer = clients.submit(() -> get(stage));
      var server = io.vertx.core.Vertx.vertx();
      Wait.done(
          server
              .createHttpServer()
              .requestHandler(request -> request.response().end("late"))
              .listen(port, "127.0.0.1"));

      assertThat(answer.get(5, TimeUnit.SECONDS)).endsWith("late");
      Wait.done(server.close());
    }
  }

  @Test
  void a_request_does_not_wait_for_ever(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder)) {
      stage.rack().publishAndAwait(stage.table(Stage.current("w-1", Stage.freePort())));

      assertThat(get(stage)).contains(" 503 ").contains("W04");
    }
  }
}
