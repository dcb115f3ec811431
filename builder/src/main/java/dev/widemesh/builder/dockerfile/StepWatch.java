package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Container;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.Engine;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds the containers of one build to what the engine's build call has no word for: processes,
/// processors and disk. Finds them by their mark, never by what the build prints.
final class StepWatch implements AutoCloseable {
  private static final long CPU_PERIOD = 100_000;
  private static final Logger log = LoggerFactory.getLogger(StepWatch.class);
  private static final long PAUSE_MILLIS = 500;
  private static final long MEASURE_NANOS = Duration.ofSeconds(5).toNanos();

  private final Engine engine;
  private final Mark mark;
  private final BuildLimits limits;
  private final Runnable onTooMuch;
  private final Semaphore signals = new Semaphore(0);
  private final Set<String> limited = new HashSet<>();
  private final Thread thread;
  private volatile boolean tooMuch;
  private volatile boolean closed;

  StepWatch(Engine engine, Mark mark, BuildLimits limits, Runnable onTooMuch) {
    this.engine = engine;
    this.mark = mark;
    this.limits = limits;
    this.onTooMuch = onTooMuch;
    this.thread = Thread.ofVirtual().name("build-limits").start(this::watch);
  }

  /// A container may be there now.
  void signal() {
    if (signals.availablePermits() == 0) {
      signals.release();
    }
  }

  boolean wroteTooMuch() {
    return tooMuch;
  }

  private void watch() {
    var measured = System.nanoTime();
    try {
      while (!tooMuch) {
        var _ = signals.tryAcquire(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        containers(false).forEach(container -> limit(container.getId()));
        if (System.nanoTime() - measured > MEASURE_NANOS) {
          measure();
          measured = System.nanoTime();
        }
      }
      onTooMuch.run();
    } catch (InterruptedException _) {
      log.debug("{} is over", mark);
    } catch (RuntimeException e) {
      if (closed) {
        return; // a call that was under way
      }
      // What cannot be limited does not go on.
      log.warn("cannot watch the build {}: {}", mark, e.toString());
      onTooMuch.run();
    }
  }

  private void limit(String container) {
    if (!limited.add(container)) {
      return;
    }
    try {
      engine
          .calls()
          .updateContainerCmd(container)
          .withPidsLimit((long) limits.processes())
          .withCpuPeriod(CPU_PERIOD)
          .withCpuQuota((long) (CPU_PERIOD * limits.cpus()))
          .exec();
    } catch (DockerException e) {
      log.debug("container {} of {} is over already: {}", container, mark, e.getMessage());
    }
  }

  private void measure() {
    var written =
        containers(true).stream()
            .mapToLong(container -> container.getSizeRw() == null ? 0 : container.getSizeRw())
            .sum();
    tooMuch = written + largestImage() > limits.written();
  }

  private long largestImage() {
    return mark.images(engine).stream()
        .mapToLong(image -> image.getSize() == null ? 0 : image.getSize())
        .max()
        .orElse(0);
  }

  private List<Container> containers(boolean size) {
    return engine
        .calls()
        .listContainersCmd()
        .withShowSize(size)
        .withLabelFilter(List.of(mark.label()))
        .exec();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
