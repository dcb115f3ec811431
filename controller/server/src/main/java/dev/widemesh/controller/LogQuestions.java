package dev.widemesh.controller;

import dev.widemesh.api.rack.RackMessage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/// Log lines lie on the rack: the question goes down its stream, the answer is passed on as it
/// comes, no faster than it is read.
final class LogQuestions {
  /// In all. A rack notices after 15 s that its stream is dead, and makes it anew.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final int MOST_OPEN = 200;
  private static final long LONGEST_SECONDS = 7 * 24 * 3_600L;

  private final Database database;
  private final Racks racks;
  private final Signals signals;
  private final InstantSource clock;
  private final Map<String, Question> open = new HashMap<>();

  LogQuestions(Database database, Racks racks, Signals signals, InstantSource clock) {
    this.database = database;
    this.racks = racks;
    this.signals = signals;
    this.clock = clock;
  }

  private record Question(
      String rack, long asked, Promise<HttpServerRequest> arrived, Promise<Void> passedOn) {
    private Duration left() {
      return PATIENCE.minusNanos(System.nanoTime() - asked);
    }
  }

  Answer ask(Call call) {
    var seconds = call.numeric("since", 60);
    if (seconds < 0 || seconds > LONGEST_SECONDS) {
      throw Refusal.bad("bad-since", "since is a number of seconds up to a week", "since=60");
    }
    if (open.size() >= MOST_OPEN) {
      throw Refusal.unavailable(
          "too-many-readers", "too many people read logs just now", "try again in a minute");
    }
    var environment = database.call(tx -> Environments.known(tx, call.parameter("env")));
    var id = UUID.randomUUID().toString();
    var question =
        new Question(environment.rack(), System.nanoTime(), Promise.promise(), Promise.promise());
    open.put(id, question);
    try {
      var message =
          new RackMessage.Logs(
              id,
              environment.id(),
              clock.instant().minusSeconds(seconds),
              call.flag("follow"),
              call.query("stack").orElse(null),
              call.query("service").orElse(null),
              call.query("instance").orElse(null));
      passOn(call, arrival(question, message));
    } finally {
      open.remove(id);
      question.passedOn().tryComplete();
    }
    return new Answer.Streamed();
  }

  private static Refusal silent(String rack) {
    return Refusal.unavailable(
        "rack-silent", "the rack '" + rack + "' does not answer", "look at mesh status");
  }

  private static void passOn(Call call, HttpServerRequest answer) {
    var response = call.response();
    response.setChunked(true).putHeader("Content-Type", "application/x-ndjson");
    // Whoever asked went away: the rack need not go on.
    var _ = response.closeHandler(_ -> hangUp(answer));
    if (response.closed()) {
      hangUp(answer);
      return;
    }
    try {
      var _ = response.writeHead();
      answer.pipeTo(response).await();
    } catch (RuntimeException _) {
      response.reset();
    }
  }

  private static void hangUp(HttpServerRequest answer) {
    if (!answer.isEnded()) {
      var _ = answer.connection().close();
    }
  }

  /// Asks again down the next stream when one dies: the question may have died with it. A rack that
  /// heard it twice is told that it has an answer.
  private HttpServerRequest arrival(Question question, RackMessage.Logs message) {
    var arrived = question.arrived().future();
    while (!arrived.isComplete()) {
      var asked =
          racks
              .ask(question.rack(), message, question.left())
              .orElseThrow(() -> silent(question.rack()));
      awaitAnswer(question, asked);
    }
    return arrived.result();
  }

  /// Or that the question is lost.
  private void awaitAnswer(Question question, Racks.Asked asked) {
    var arrived = question.arrived().future();
    while (true) {
      var signal = signals.next(Signals.rack(question.rack()));
      if (arrived.isComplete() || asked.isLost()) {
        return;
      }
      if (!question.left().isPositive()) {
        throw silent(question.rack());
      }
      Signals.await(Future.any(arrived, signal).mapEmpty(), question.left());
    }
  }

  /// The rack's answer: it stays open as long as it is passed on.
  Answer answer(Call call) {
    var question = open.get(call.parameter("question"));
    if (question == null || !question.rack().equals(call.rack().name())) {
      throw Refusal.missing("no-such-question", "nobody waits for this answer", null);
    }
    if (!question.arrived().tryComplete(call.context().request())) {
      throw Refusal.conflict("answered", "this question has an answer", null);
    }
    question.passedOn().future().await();
    return Answer.nothing();
  }
}
