package dev.widemesh.controller;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.api.rack.RackReport.EnvironmentReport;
import dev.widemesh.api.rack.RackReport.State;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// A rack over the real wire: it does at once what it is told, and its instances behave as the test
/// says.
final class PlayedRack implements AutoCloseable {
  interface Behaviour {
    RackReport.Instance of(InstanceSet set, String id);
  }

  static final Behaviour READY = (set, id) -> instance(set, id, State.READY);

  final List<RackMessage> heard = new CopyOnWriteArrayList<>();
  private final ApiClient client;
  private final Map<String, EnvironmentDefinition> definitions = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;
  private volatile Behaviour behaviour = READY;
  private volatile int jobExit;
  private volatile boolean jobsEnd = true;
  private volatile boolean closed;
  private volatile InputStream stream = InputStream.nullInputStream();

  PlayedRack(Platform platform) {
    this.client = platform.client(Platform.RACK);
    this.thread = Thread.ofVirtual().start(this::run);
  }

  static RackReport.Instance instance(InstanceSet set, String id, State state) {
    return new RackReport.Instance(
        id,
        set.id(),
        state,
        Instant.now(),
        0,
        null,
        false,
        null,
        null,
        "c1",
        "10.213.0.2",
        List.of(),
        List.of(),
        1,
        0.1);
  }

  void behave(Behaviour newBehaviour) {
    behaviour = newBehaviour;
    definitions.values().forEach(this::report);
  }

  void releaseExits(int code) {
    jobExit = code;
  }

  void releaseNeverEnds() {
    jobsEnd = false;
  }

  void releaseEnds() {
    jobsEnd = true;
    definitions.values().forEach(this::report);
  }

  /// As a network that fails does; it connects again.
  void loseStream() throws IOException {
    stream.close();
  }

  private void run() {
    while (!closed) {
      try (var opened = client.stream(Route.RACK_STREAM.path() + "?node=n1&after=0");
          var reader = new BufferedReader(new InputStreamReader(opened, StandardCharsets.UTF_8))) {
        stream = opened;
        for (var line = reader.readLine(); line != null; line = reader.readLine()) {
          hear(Json.read(line, RackMessage.class));
        }
      } catch (IOException | ApiException e) {
        Thread.onSpinWait(); // It connects again, as a rack does.
      }
    }
  }

  private void hear(RackMessage message) {
    heard.add(message);
    switch (message) {
      case RackMessage.Definition(var definition) -> {
        definitions.put(definition.id(), definition);
        report(definition);
      }
      case RackMessage.Inventory(var environments) -> definitions.keySet().retainAll(environments);
      case RackMessage.Certificates _,
          RackMessage.Logs _,
          RackMessage.Inspect _,
          RackMessage.Beat _ -> {}
    }
    signal();
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void report(EnvironmentDefinition definition) {
    var instances = new ArrayList<RackReport.Instance>();
    for (var set : definition.current()) {
      for (var index = 1; index <= set.count(); index++) {
        instances.add(READY.of(set, set.instance(index)));
      }
    }
    for (var set : definition.candidate()) {
      for (var index = 1; index <= set.count(); index++) {
        instances.add(behaviour.of(set, set.instance(index)));
      }
    }
    var jobs =
        definition.jobs().stream()
            .map(
                job ->
                    new RackReport.JobReport(
                        job.id(),
                        jobsEnd,
                        jobsEnd ? jobExit : null,
                        false,
                        null,
                        List.of("migrating")))
            .toList();
    var report =
        new EnvironmentReport(
            definition.id(),
            definition.revision(),
            definition.revision(),
            definition.deleted(),
            instances,
            jobs);
    client.ask(
        "POST",
        Route.RACK_REPORT.path(),
        new RackReport("home", "n1", false, List.of("r1"), List.of(report)),
        String.class);
  }

  ApiClient client() {
    return client;
  }

  /// The environment's definition, once it is as wanted.
  EnvironmentDefinition await(String name, Predicate<EnvironmentDefinition> wanted)
      throws InterruptedException {
    var found =
        awaitMessage(
            message ->
                message instanceof RackMessage.Definition(var definition)
                    && definition.name().equals(name)
                    && wanted.test(definition));
    return ((RackMessage.Definition) found).environment();
  }

  RackMessage awaitMessage(Predicate<RackMessage> wanted) throws InterruptedException {
    lock.lock();
    try {
      var left = TimeUnit.SECONDS.toNanos(15);
      while (left > 0) {
        for (var message : heard) {
          if (wanted.test(message)) {
            return message;
          }
        }
        left =
            changed.awaitNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1))) > 0
                ? left - 1
                : left - TimeUnit.SECONDS.toNanos(1);
      }
      throw new AssertionError("never heard among " + heard);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    stream.close();
    thread.interrupt();
  }
}
