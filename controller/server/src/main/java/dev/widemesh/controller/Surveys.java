package dev.widemesh.controller;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Survey;
import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RackSurvey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.TimeoutException;

/// Asks the parts what really is there, whether a login is good, and what is in an image. They call
/// us, so a question waits until its part comes for it: a rack's goes down its stream, the others
/// poll.
final class Surveys {
  static final String GIT = "git";
  static final String BUILDS = "builds";
  static final String LOGINS = "logins";
  static final String SIGNATURES = "signatures";
  static final String SBOMS = "sboms";
  private static final Duration PATIENCE = Duration.ofSeconds(25);
  private static final int MOST_WAITING = BuildWire.TRIALS;

  private final Racks racks;
  private final Signals signals;
  private final InstantSource clock;
  private final Map<String, Queue<Survey.Question>> waiting = new HashMap<>();
  private final Map<String, Open> open = new HashMap<>();

  private record Open(String part, Promise<Object> answer) {}

  Surveys(Racks racks, Signals signals, InstantSource clock) {
    this.racks = racks;
    this.signals = signals;
    this.clock = clock;
  }

  private static String topic(String part) {
    return "survey " + part;
  }

  /// A question on its way; to be taken once with [#await], or with [#end] when it is enough.
  record Asked<T>(Survey.Question question, Future<Object> answer, Class<T> type) {
    /// Nobody is asked: too many wait, or nobody is there.
    boolean isRefused() {
      return answer.failed();
    }
  }

  Asked<Survey.Git> git() {
    return poll(GIT, question(List.of(), List.of()), Survey.Git.class);
  }

  Asked<Survey.Build> builds(List<String> images) {
    return poll(BUILDS, question(images, List.of()), Survey.Build.class);
  }

  /// Of the builder: it is the one that pulls.
  Asked<BuildWire.Trial> login(BuildWire.RegistryLogin login) {
    return poll(LOGINS, question(List.of(), List.of(login)), BuildWire.Trial.class);
  }

  /// Of the builder: it is the one that signs.
  Asked<BuildWire.SignatureLook> signature(String image) {
    return poll(SIGNATURES, question(List.of(image), List.of()), BuildWire.SignatureLook.class);
  }

  /// Of the builder as well: it reads what its registry has.
  Asked<BuildWire.Bill> sbom(String image) {
    return poll(SBOMS, question(List.of(image), List.of()), BuildWire.Bill.class);
  }

  Asked<RackSurvey> rack(String name) {
    var asked = ask(name, question(List.of(), List.of()), RackSurvey.class);
    if (racks.ask(name, new RackMessage.Inspect(asked.question().id()))) {
      return asked;
    }
    open.remove(asked.question().id());
    return new Asked<>(asked.question(), Future.failedFuture("not connected"), RackSurvey.class);
  }

  private static Survey.Question question(
      List<String> images, List<BuildWire.RegistryLogin> logins) {
    return new Survey.Question(UUID.randomUUID().toString(), images, logins);
  }

  private <T> Asked<T> poll(String part, Survey.Question question, Class<T> type) {
    var queue = waiting.computeIfAbsent(part, _ -> new ArrayDeque<>());
    if (queue.size() >= MOST_WAITING) {
      return new Asked<>(question, Future.failedFuture("too many wait for " + part), type);
    }
    queue.add(question);
    var asked = ask(part, question, type);
    signals.fire(topic(part));
    return asked;
  }

  private <T> Asked<T> ask(String part, Survey.Question question, Class<T> type) {
    Promise<Object> answer = Promise.promise();
    open.put(question.id(), new Open(part, answer));
    return new Asked<>(question, answer.future(), type);
  }

  /// Empty when the part does not answer in time.
  <T> Optional<T> await(Asked<T> asked, Duration atMost) {
    try {
      return Optional.of(asked.type().cast(Waiting.await(asked.answer(), atMost)));
    } catch (TimeoutException _) {
      return Optional.empty();
    } catch (Waiting.Stopped e) {
      throw e;
    } catch (RuntimeException _) {
      return Optional.empty();
    } finally {
      end(asked);
    }
  }

  void end(Asked<?> asked) {
    open.remove(asked.question().id());
    waiting.values().forEach(queue -> queue.remove(asked.question()));
  }

  /// A part comes for the next question, and waits for one.
  Answer question(Call call, String part) {
    var deadline = clock.instant().plus(PATIENCE);
    while (!call.isGone()) {
      var signal = signals.next(topic(part));
      var next = waiting.getOrDefault(part, new ArrayDeque<>()).poll();
      if (next != null) {
        return Answer.of(next);
      }
      var left = Duration.between(clock.instant(), deadline);
      if (!left.isPositive()) {
        break;
      }
      Signals.await(signal, left);
    }
    return Answer.nothing();
  }

  Answer git(Call call) {
    return take(call, GIT, call.body(Survey.Git.class));
  }

  Answer builds(Call call) {
    return take(call, BUILDS, call.body(Survey.Build.class));
  }

  Answer trial(Call call) {
    return take(call, LOGINS, call.body(BuildWire.Trial.class));
  }

  Answer signature(Call call) {
    var answer = take(call, SIGNATURES, call.body(BuildWire.SignatureLook.class));
    signals.fire(Signals.ENGINE);
    return answer;
  }

  Answer sbom(Call call) {
    return take(call, SBOMS, call.body(BuildWire.Bill.class));
  }

  Answer rack(Call call) {
    return take(call, call.rack().name(), call.body(RackSurvey.class));
  }

  private Answer take(Call call, String part, Object survey) {
    var asked = open.get(call.parameter("question"));
    if (asked == null || !asked.part().equals(part)) {
      throw Refusal.missing("no-such-question", "nobody waits for this answer", null);
    }
    asked.answer().tryComplete(survey);
    return Answer.nothing();
  }
}
