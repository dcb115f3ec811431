package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.DockerException;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds the containers of one build to what the engine's build call has no word for: processes,
/// processors, disk and output. Finds them by their mark, never by what the build prints.
final class StepWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StepWatch.class);
  private static final long CPU_PERIOD = 100_000;
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final long MEASURE_NANOS = Duration.ofSeconds(1).toNanos();

  private final Engine engine;
  private final Mark mark;
  private final BuildLimits limits;
  private final Progress progress;
  private final WrittenBytes written;
  private final Set<String> limited = new HashSet<>();
  private final Watch watch;
  private long measured = System.nanoTime();

  /// `stop` ends the build.
  StepWatch(
      Engine engine,
      Mark mark,
      BuildLimits limits,
      Progress progress,
      WrittenBytes written,
      Runnable stop) {
    this.engine = engine;
    this.mark = mark;
    this.limits = limits;
    this.progress = progress;
    this.written = written;
    this.watch = new Watch("build-limits", this::look, stop);
  }

  /// Why it ended the build.
  Optional<Diagnosis> verdict() {
    return watch.verdict();
  }

  /// Once nothing runs any more: what is wrong with the build, however fast it was.
  Optional<Diagnosis> last() throws IOException {
    close();
    var known = verdict().or(() -> progress.refusal(limits));
    return known.isPresent() ? known : written.refusal(progress.tail());
  }

  private Optional<Diagnosis> look() throws IOException, InterruptedException {
    progress.awaitContainer(PAUSE);
    limitAll();
    var refusal = progress.refusal(limits);
    if (refusal.isEmpty() && System.nanoTime() - measured > MEASURE_NANOS) {
      refusal = written.refusal(progress.tail());
      measured = System.nanoTime();
    }
    return refusal;
  }

  private void limitAll() {
    var running = engine.calls().listContainersCmd().withLabelFilter(List.of(mark.label())).exec();
    running.forEach(container -> limit(container.getId()));
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
      Failpoint.DOCKERFILE_STEP_RUNS.pass();
    } catch (DockerException e) {
      limited.remove(container); // over already, or tried again at the next look
      log.debug("container {} of {} is not limited: {}", container, mark, e.getMessage());
    }
  }

  @Override
  public void close() {
    watch.close();
  }
}
