package dev.widemesh.controller;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;

/// Wakes who waits for a change. A lost signal costs only time: everybody looks again by itself.
///
/// Belongs to the controller's context, whose code runs one at a time between two waits. There is
/// one active controller, so nobody else's changes need to be heard.
final class Signals {
  static final String ENGINE = "engine";
  static final String BUILDS = "builds";
  static final String PROJECTIONS = "projections";

  private final Map<String, Promise<Void>> waiting = new HashMap<>();

  static String rack(String name) {
    return "rack " + name;
  }

  static String deployment(UUID id) {
    return "deployment " + id;
  }

  /// Taken before looking, so that what changes while looking is not missed.
  Future<Void> next(String topic) {
    return waiting.computeIfAbsent(topic, _ -> Promise.promise()).future();
  }

  void fire(String... topics) {
    for (var topic : topics) {
      var promise = waiting.remove(topic);
      if (promise != null) {
        promise.complete();
      }
    }
  }

  void fireAll() {
    for (var topic : List.copyOf(waiting.keySet())) {
      fire(topic);
    }
  }

  static void await(Future<Void> signal, Duration atMost) {
    try {
      var _ = Waiting.await(signal, atMost);
    } catch (TimeoutException _) {
      // Time to look, signalled or not.
    }
  }
}
