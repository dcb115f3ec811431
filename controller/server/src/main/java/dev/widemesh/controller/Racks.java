package dev.widemesh.controller;

import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.model.Failpoint;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Talks to racks: definitions down a stream that the rack opened, reports up.
final class Racks {
  private static final Logger log = LoggerFactory.getLogger(Racks.class);
  private static final Duration BEAT = Duration.ofSeconds(5);
  private static final int QUESTIONS = 100;

  private final Database database;
  private final Signals signals;
  private final Sightings sightings;
  private final Definitions definitions;
  private final CertificateAuthority certificates;
  private final Map<String, Session> sessions = new HashMap<>();

  Racks(
      Database database,
      Signals signals,
      Sightings sightings,
      Definitions definitions,
      CertificateAuthority certificates) {
    this.database = database;
    this.signals = signals;
    this.sightings = sightings;
    this.definitions = definitions;
    this.certificates = certificates;
  }

  private record Changed(String id, long revision) {}

  private final class Session {
    private final String rack;
    private final LineStream stream;
    private final Queue<RackMessage> questions = new ArrayDeque<>();
    private final Set<String> defined = new HashSet<>();
    private long revision;
    private List<String> inventory = List.of();
    private List<RackMessage.Certificate> served = List.of();

    Session(String rack, LineStream stream, long revision) {
      this.rack = rack;
      this.stream = stream;
      this.revision = revision;
    }

    private boolean isCurrent() {
      return stream.isOpen() && sessions.get(rack) == this;
    }

    private void run() {
      var first = true;
      while (isCurrent()) {
        var signal = signals.next(Signals.rack(rack));
        var said = first ? greet() : false;
        first = false;
        said |= tellNews();
        if (!said) {
          Signals.await(signal, BEAT);
          if (!signal.isComplete() && isCurrent()) {
            send(new RackMessage.Beat());
          }
        }
      }
    }

    private boolean greet() {
      inventory = environments(rack);
      send(new RackMessage.Inventory(inventory));
      return true;
    }

    // An environment is in the inventory until its row is gone, so a deleted one is not forgotten
    // by a rack that was away.
    private boolean tellNews() {
      var said = tellCertificates();
      var exists = environments(rack);
      if (!exists.containsAll(inventory)) {
        send(new RackMessage.Inventory(exists));
        defined.retainAll(exists);
        said = true;
      }
      inventory = exists;
      said |= tellDefinitions();
      for (var question = questions.poll(); question != null; question = questions.poll()) {
        send(question);
        said = true;
      }
      return said;
    }

    private boolean tellCertificates() {
      var current = certificates.certificates();
      if (current.equals(served)) {
        return false;
      }
      send(new RackMessage.Certificates(current));
      served = current;
      return true;
    }

    // One that is read may be newer than the list: others, changed in between, are on the next one.
    private boolean tellDefinitions() {
      var changed =
          database.call(
              tx ->
                  tx.list(
                      row -> new Changed(row.getString(0), row.getLong(1)),
                      """
                      SELECT id, revision FROM environment WHERE rack = $1 AND revision > $2
                       ORDER BY revision LIMIT 100
                      """,
                      rack,
                      revision));
      for (var environment : changed) {
        var definition = database.call(tx -> definitions.read(tx, environment.id()));
        send(new RackMessage.Definition(definition));
        defined.add(environment.id());
        Failpoint.DEFINITION_SENT.pass();
        revision = environment.revision();
      }
      return !changed.isEmpty();
    }

    /// Of an environment that the rack knows at once, also while the database is slow; else after
    /// its definition.
    private boolean take(RackMessage.Logs question) {
      if (defined.contains(question.environment())) {
        send(question);
        return stream.isOpen();
      }
      return queue(question);
    }

    private boolean queue(RackMessage question) {
      if (questions.size() >= QUESTIONS) {
        return false;
      }
      questions.add(question);
      signals.fire(Signals.rack(rack));
      return true;
    }

    private void send(RackMessage message) {
      stream.write(message, RackMessage.class);
    }
  }

  private List<String> environments(String rack) {
    return database.call(
        tx ->
            tx.list(
                row -> row.getString(0),
                "SELECT id FROM environment WHERE rack = $1 ORDER BY id",
                rack));
  }

  /// A new stream of a rack takes the place of the old one.
  Answer stream(Call call) {
    var rack = call.rack().name();
    requireSameProtocol(rack, call.numeric("protocol", RackMessage.PROTOCOL));
    var node = call.query("node").orElse("?");
    var session = new Session(rack, new LineStream(call.response()), call.numeric("after", 0));
    var _ = sessions.put(rack, session);
    signals.fire(Signals.rack(rack));
    sightings.opened(rack, node);
    log.info("rack {} ({}) is connected", rack, node);
    try {
      session.run();
    } finally {
      if (sessions.remove(rack, session)) {
        sightings.closed(rack);
        log.info("rack {} ({}) is gone", rack, node);
      }
      session.stream.end();
    }
    return new Answer.Streamed();
  }

  private static void requireSameProtocol(String rack, long theirs) {
    if (theirs != RackMessage.PROTOCOL) {
      log.warn("rack {} speaks protocol {}, we speak {}", rack, theirs, RackMessage.PROTOCOL);
      throw Refusal.conflict(
          "other-protocol",
          "rack %s speaks protocol %d, this controller %d"
              .formatted(rack, theirs, RackMessage.PROTOCOL),
          "run both from one release: ./widemesh restart");
    }
  }

  /// That a question went down a stream.
  interface Asked {
    /// The stream is gone, and the question perhaps with it.
    boolean isLost();
  }

  /// Waits for a rack that is just connecting, that long.
  Optional<Asked> ask(String rack, RackMessage.Logs question, Duration atMost) {
    var deadline = System.nanoTime() + atMost.toNanos();
    while (true) {
      var signal = signals.next(Signals.rack(rack));
      var taken = current(rack).filter(session -> session.take(question));
      if (taken.isPresent()) {
        return taken.map(session -> () -> !session.isCurrent());
      }
      var left = deadline - System.nanoTime();
      if (left <= 0) {
        return Optional.empty();
      }
      Signals.await(signal, Duration.ofNanos(left));
    }
  }

  /// Whether the rack can be asked now.
  boolean ask(String rack, RackMessage.Inspect question) {
    return current(rack).filter(session -> session.queue(question)).isPresent();
  }

  private Optional<Session> current(String rack) {
    return Optional.ofNullable(sessions.get(rack)).filter(Session::isCurrent);
  }

  Answer report(Call call) {
    var report = call.body(RackReport.class);
    var rack = call.rack().name();
    if (!report.rack().equals(rack)) {
      throw Refusal.forbidden("this token is of rack " + rack, "report as that rack");
    }
    var ours = environments(rack);
    var known =
        new RackReport(
            rack,
            report.node(),
            report.full(),
            report.routers(),
            report.environments().stream()
                .filter(environment -> ours.contains(environment.environment()))
                .toList());
    sightings.reported(known);
    known.environments().stream()
        .filter(RackReport.EnvironmentReport::gone)
        .forEach(environment -> forget(rack, environment.environment()));
    signals.fire(Signals.ENGINE);
    return Answer.nothing();
  }

  private void forget(String rack, String environment) {
    var deleted =
        database.call(
            tx -> tx.change("DELETE FROM environment WHERE id = $1 AND deleted", environment));
    if (deleted == 1) {
      Failpoint.ENVIRONMENT_FORGOTTEN.pass();
      log.info("nothing is left of environment {}", environment);
      sightings.forget(environment);
      signals.fire(Signals.rack(rack));
    }
  }
}
