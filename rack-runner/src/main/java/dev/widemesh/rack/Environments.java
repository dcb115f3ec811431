package dev.widemesh.rack;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All environments of this rack: what the controller last said of each is on disk before it is
/// acted on, so that the rack goes on without it.
final class Environments implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Environments.class);
  private static final String PREFIX = "definition-";
  private static final int ANSWERS_AT_ONCE = 64;
  private static final Duration ORDERS_BEHIND = Duration.ofSeconds(5);

  private final Parts parts;
  private final ApiClient answers;
  private final Orders orders = new Orders();
  private final Semaphore answering = new Semaphore(ANSWERS_AT_ONCE);

  /// Changed under this object's lock, and read without: whoever asks for logs does not wait for a
  /// disk or for Docker.
  private final Map<String, EnvironmentLoop> loops = new ConcurrentSkipListMap<>();

  /// Of whom the controller never spoke, or speaks no more: forgotten once they are gone.
  private final Set<String> unknown = new HashSet<>();

  /// Environments of this rack, as far as the controller said.
  private final Set<String> inventory = new HashSet<>();

  private boolean heardInventory;
  private boolean closed;

  Environments(Parts parts, ApiClient answers) {
    this.parts = parts;
    this.answers = answers;
  }

  /// What was stored before this process started.
  void load() {
    var stored =
        parts.vault().names(PREFIX).stream()
            .flatMap(name -> parts.vault().read(name, EnvironmentDefinition.class).stream())
            .toList();
    // All of them before one begins: what that starts must not take the place of another's.
    stored.forEach(parts.signatures()::names);
    stored.forEach(this::begin);
  }

  void apply(RackMessage message) {
    switch (message) {
      case RackMessage.Inventory(var environments) ->
          orders.give(() -> take(Set.copyOf(environments)));
      case RackMessage.Definition(var definition) -> orders.give(() -> define(definition));
      case RackMessage.Certificates(var certificates) ->
          orders.give(() -> parts.routes().certificates(certificates));
      case RackMessage.Logs question -> answer(question);
      case RackMessage.Inspect(var question) ->
          Thread.ofVirtual().name("survey-" + question).start(() -> survey(question));
      case RackMessage.Beat _ -> {}
    }
  }

  private synchronized void define(EnvironmentDefinition definition) {
    var loop = loops.get(definition.id());
    unknown.remove(definition.id());
    inventory.add(definition.id());
    if (loop != null && loop.wanted().equals(definition)) {
      loop.signal();
      return;
    }
    parts.vault().write(PREFIX + definition.id(), definition);
    Failpoint.DEFINITION_STORED.pass();
    if (loop == null) {
      begin(definition);
    } else if (loop.isGone() && !definition.deleted()) {
      end(definition.id());
      begin(definition);
    } else {
      parts.signatures().names(definition);
      loop.want(definition);
    }
  }

  private synchronized void begin(EnvironmentDefinition definition) {
    if (closed) {
      return;
    }
    try {
      parts.signatures().names(definition);
      var loop = new EnvironmentLoop(parts, definition);
      loops.put(definition.id(), loop);
      loop.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot begin environment " + definition.id(), e);
    }
  }

  private void end(String environment) {
    var loop = loops.remove(environment);
    if (loop != null) {
      loop.close();
    }
    unknown.remove(environment);
    parts.signatures().forget(environment);
    parts.reports().forget(environment);
    parts.routes().forget(environment);
  }

  private void take(Set<String> environments) {
    synchronized (this) {
      inventory.clear();
      inventory.addAll(environments);
      heardInventory = true;
      loops.keySet().stream().filter(id -> !inventory.contains(id)).toList().forEach(this::dismiss);
    }
    clear();
  }

  /// What only Docker knows of this platform goes, too. Before the first inventory nothing does.
  void clear() {
    if (!hasInventory()) {
      return;
    }
    var others = inDocker();
    synchronized (this) {
      others.removeAll(inventory);
      others.removeAll(loops.keySet());
      others.forEach(this::dismiss);
    }
  }

  private synchronized boolean hasInventory() {
    return heardInventory;
  }

  private Set<String> inDocker() {
    var platform = parts.config().platform();
    var environments = new HashSet<>(parts.engine().networks(platform).keySet());
    for (var seen : parts.engine().containers(Map.of(Labels.PLATFORM, platform))) {
      environments.add(seen.labels().environment());
    }
    return environments;
  }

  private void dismiss(String environment) {
    if (unknown.contains(environment)) {
      return;
    }
    log.info("environment {} is not of this rack any more: it goes", environment);
    define(nothing(environment));
    inventory.remove(environment);
    unknown.add(environment);
  }

  private static EnvironmentDefinition nothing(String environment) {
    return new EnvironmentDefinition(
        environment, environment, 0, true, List.of(), List.of(), List.of(), List.of());
  }

  /// Forgets those that are gone and that nobody asks about.
  synchronized void sweep() {
    for (var environment : List.copyOf(unknown)) {
      var loop = loops.get(environment);
      if (loop == null || loop.isGone()) {
        end(environment);
        parts.vault().delete(PREFIX + environment);
      }
    }
  }

  private Optional<EnvironmentLoop> loop(String environment) {
    return Optional.ofNullable(loops.get(environment));
  }

  /// Also of one whose definition came just before, and waits.
  private Optional<EnvironmentLoop> known(String environment) {
    if (!loops.containsKey(environment)) {
      orders.settle(ORDERS_BEHIND);
    }
    return loop(environment);
  }

  private List<EnvironmentLoop> all() {
    return List.copyOf(loops.values());
  }

  void each(Consumer<EnvironmentLoop> action) {
    all().forEach(action);
  }

  void look(String environment) {
    loop(environment).ifPresent(EnvironmentLoop::look);
  }

  /// A router said something new.
  void hear(Routers.Change change) {
    for (var loop : all()) {
      if (change.all() || isOf(loop.wanted(), change.instances())) {
        loop.signal();
      }
    }
  }

  /// Instances that leave are in no definition: their environments hear every change.
  private boolean isOf(EnvironmentDefinition definition, Set<String> instances) {
    var mine = new HashSet<String>();
    var known = new HashSet<String>();
    for (var environment : parts.routes().table().environments()) {
      for (var service : environment.services()) {
        for (var instance : service.instances()) {
          known.add(instance.id());
          if (environment.id().equals(definition.id())) {
            mine.add(instance.id());
          }
        }
      }
    }
    return instances.stream().anyMatch(one -> mine.contains(one) || !known.contains(one));
  }

  private void answer(RackMessage.Logs question) {
    if (!answering.tryAcquire()) {
      log.warn("more than {} questions for logs at once: one gets no answer", ANSWERS_AT_ONCE);
      return;
    }
    Thread.ofVirtual().name("logs-" + question.question()).start(() -> post(question));
  }

  private void survey(String question) {
    try {
      var _ =
          answers.ask(
              "POST", Route.RACK_SURVEY.with(question), Surveyor.survey(parts, all()), Map.class);
    } catch (ApiException e) {
      log.debug("nobody waits for the survey {} any more", question, e);
    }
  }

  private void post(RackMessage.Logs question) {
    var path = Route.RACK_ANSWER.with(question.question());
    try {
      var loop = known(question.environment());
      if (loop.isEmpty() || loop.get().isGone()) {
        answers.post(path, BodyPublishers.noBody());
        return;
      }
      var opened = loop.get().logs().subscribe(question.since());
      try (var answer = new LogAnswer(question, opened)) {
        answers.post(path, BodyPublishers.ofInputStream(() -> answer));
      }
    } catch (ApiException | IOException e) {
      log.debug("nobody waits for the answer {} any more", question.question(), e);
    } finally {
      answering.release();
    }
  }

  @Override
  public void close() {
    orders.close();
    List<EnvironmentLoop> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(loops.values());
      loops.clear();
    }
    open.forEach(EnvironmentLoop::close);
  }
}
