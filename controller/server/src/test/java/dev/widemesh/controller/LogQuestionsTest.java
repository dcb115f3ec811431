package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import dev.widemesh.api.rack.RackMessage;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Logs of a rack that is not there at once, and of one that has much else to hear.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class LogQuestionsTest {
  private final Platform platform = Platform.start();

  @AfterEach
  void end() {
    platform.close();
  }

  @Test
  @Tag("LOG-1")
  void a_question_waits_for_a_rack_that_connects() throws Exception {
    create("shop");
    var asked = ask("shop");
    try (var rack = new PlayedRack(platform)) {
      answer(rack, "hello");

      assertThat(asked.get(30, TimeUnit.SECONDS)).isEqualTo("hello");
    }
  }

  @Test
  @Tag("LOG-1")
  void a_question_does_not_wait_behind_definitions_of_others() throws Exception {
    create("shop");
    create("slow");
    try (var rack = new PlayedRack(platform);
        var change = DriverManager.getConnection(platform.jdbc());
        var statement = change.createStatement()) {
      var _ = rack.await("slow", _ -> true);
      var told = Long.parseLong(platform.read("SELECT max(revision) FROM environment"));
      platform.sql(revision("slow", told + 1));
      change.setAutoCommit(false);
      statement.execute(revision("slow", told + 2));

      platform.awaitReading();
      var asked = ask("shop");
      answer(rack, "quick");

      assertThat(asked.get(30, TimeUnit.SECONDS)).isEqualTo("quick");
      change.rollback();
    }
  }

  @Test
  @Tag("LOG-1")
  void a_question_that_went_down_a_stream_that_died_goes_down_the_next_one() throws Exception {
    create("shop");
    try (var rack = new PlayedRack(platform)) {
      var _ = rack.await("shop", _ -> true);
      var asked = ask("shop");
      var first = questions(rack, 1).getFirst();

      rack.loseStream();
      var both = questions(rack, 2);
      assertThat(both.getLast()).isEqualTo(first);
      answer(rack, "after all");
      assertThat(asked.get(20, TimeUnit.SECONDS)).isEqualTo("after all");
    }
  }

  /// Once it heard so many.
  private static List<RackMessage> questions(PlayedRack rack, int count) throws Exception {
    var _ = rack.awaitMessage(_ -> questions(rack).size() >= count);
    return questions(rack);
  }

  private static List<RackMessage> questions(PlayedRack rack) {
    return rack.heard.stream().filter(RackMessage.Logs.class::isInstance).toList();
  }

  private void create(String name) {
    var wish = new Views.CreateEnvironment(name, null);
    platform.admin().send("POST", Route.CREATE_ENVIRONMENT.path(), wish, Views.Environment.class);
  }

  private static String revision(String environment, long revision) {
    return "UPDATE environment SET revision = %d WHERE name = '%s'"
        .formatted(revision, environment);
  }

  private FutureTask<String> ask(String environment) {
    var asked = new FutureTask<>(() -> read(Route.LOGS.with(environment)));
    Thread.ofVirtual().start(asked);
    return asked;
  }

  private String read(String path) throws IOException {
    try (var lines = platform.admin().stream(path)) {
      return new String(lines.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void answer(PlayedRack rack, String words) throws Exception {
    var question = (RackMessage.Logs) rack.awaitMessage(RackMessage.Logs.class::isInstance);
    rack.client().post(Route.RACK_ANSWER.with(question.question()), BodyPublishers.ofString(words));
  }
}
