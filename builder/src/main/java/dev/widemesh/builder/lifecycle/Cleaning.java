package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Clears away behind the scenes; the end of the process waits for what is under way. What is left
/// all the same is swept at the next start.
final class Cleaning implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Cleaning.class);
  private static final Duration LAST = Duration.ofSeconds(20);

  interface Task {
    void run() throws IOException, InterruptedException;
  }

  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  void start(String what, Task task) {
    var thread = Thread.ofVirtual().name("cleaning").unstarted(() -> clean(what, task));
    threads.add(thread);
    thread.start();
  }

  private void clean(String what, Task task) {
    try {
      task.run();
    } catch (IOException | RuntimeException e) {
      log.warn("{} is not cleared away, the next start will: {}", what, e.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      threads.remove(Thread.currentThread());
    }
  }

  @Override
  public void close() {
    try {
      for (var thread : threads) {
        if (!thread.join(LAST)) {
          thread.interrupt();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
