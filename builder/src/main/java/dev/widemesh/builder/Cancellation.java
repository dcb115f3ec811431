package dev.widemesh.builder;

import java.util.ArrayList;
import java.util.List;

/// That a build is to stop; remembered while nobody can act on it yet.
final class Cancellation {
  private final List<Runnable> actions = new ArrayList<>();
  private boolean came;

  void onCancel(Runnable action) {
    if (!register(action)) {
      action.run();
    }
  }

  private synchronized boolean register(Runnable action) {
    return !came && actions.add(action);
  }

  synchronized boolean came() {
    return came;
  }

  void cancel() {
    take().forEach(Runnable::run);
  }

  private synchronized List<Runnable> take() {
    came = true;
    var all = List.copyOf(actions);
    actions.clear();
    return all;
  }
}
