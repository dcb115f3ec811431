package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import java.io.IOException;
import java.util.HashSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes refs what the controller says: they are a projection of its database.
///
/// The list is asked for and applied under one lock, so that no older list is ever applied after a
/// newer one.
final class Projector {
  private static final Logger log = LoggerFactory.getLogger(Projector.class);

  private final Repositories repositories;
  private final Controller controller;
  private final ReentrantLock lock = new ReentrantLock();

  Projector(Repositories repositories, Controller controller) {
    this.repositories = repositories;
    this.controller = controller;
  }

  /// One stack, now.
  void project(String stackId) throws IOException {
    lock.lock();
    try {
      for (var stack : controller.projections().stacks()) {
        if (stack.stackId().equals(stackId)) {
          apply(stack);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// All stacks; answers the revision that the refs now have. Trouble with one stack does not keep
  /// the others waiting, but is thrown in the end.
  long projectAll() throws IOException {
    lock.lock();
    try {
      // Before asking: a repository that appears later may belong to a stack that the list misses.
      var present = repositories.stacks();
      var wanted = controller.projections();
      var failures = new IOException("some refs could not be moved");
      wanted.stacks().forEach(stack -> attempt(() -> apply(stack), stack.stackId(), failures));
      var listed =
          wanted.stacks().stream().map(GitWire.Projection::stackId).collect(Collectors.toSet());
      var gone = new HashSet<>(present);
      gone.removeAll(listed);
      gone.forEach(stack -> attempt(() -> remove(stack), stack, failures));
      if (failures.getSuppressed().length > 0) {
        throw failures;
      }
      return wanted.revision();
    } finally {
      lock.unlock();
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void attempt(Step step, String stackId, IOException failures) {
    try {
      step.run();
    } catch (IOException | RuntimeException e) {
      failures.addSuppressed(new IOException("stack " + stackId, e));
    }
  }

  private void apply(GitWire.Projection wanted) throws IOException {
    var repository = repositories.find(wanted.stackId());
    if (repository.isPresent()) {
      var changes = repository.get().change(real -> new ProjectedRefs(real, wanted).apply());
      if (changes > 0) {
        log.debug("stack {}: {} refs moved", wanted.stackId(), changes);
      }
    }
  }

  private void remove(String stackId) throws IOException {
    log.info("stack {} is no more; removing its repository", stackId);
    repositories.remove(stackId);
  }
}
