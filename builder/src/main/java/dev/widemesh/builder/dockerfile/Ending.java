package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.Diagnosis;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Ends what runs of a build, from any thread, for as long as the build is open. What a stack's
/// builds start bears the same mark, so whoever comes later would end the next one.
final class Ending {
  private final Duration time;
  private final Runnable step;
  private boolean over;
  private volatile boolean stopped;
  private volatile boolean late;

  /// A part of a build.
  interface Part<T> {
    T done() throws IOException, InterruptedException, BuildRefused;
  }

  /// `time` is what [#inTime] may take, `step` ends what runs.
  Ending(Duration time, Runnable step) {
    this.time = time;
    this.step = step;
  }

  synchronized void now() {
    if (!over) {
      step.run();
    }
  }

  /// Waits for whoever is at it; nobody is from here on.
  synchronized void over() {
    over = true;
  }

  /// Nobody wants the build any more.
  void stop() {
    stopped = true;
    now();
  }

  private void expire() {
    late = true;
    stop();
  }

  /// Whether the build was stopped, or took too long.
  boolean isStopped() {
    return stopped;
  }

  /// Why it has no result then; `tail` is what it printed last.
  BuildRefused refusal(List<String> tail) {
    return late
        ? new BuildRefused(new Diagnosis.TimedOut("the build", time.toSeconds(), tail))
        : BuildRefused.because("the build was stopped", "push again");
  }

  /// Stops the build where this part of it is not done in time.
  <T> T inTime(Part<T> part) throws IOException, InterruptedException, BuildRefused {
    try (var clock = new ScheduledThreadPoolExecutor(1)) {
      var alarm = clock.schedule(this::expire, time.toMillis(), TimeUnit.MILLISECONDS);
      try {
        return part.done();
      } finally {
        alarm.cancel(false);
      }
    }
  }

  /// A part that is refused by itself, or since the build was stopped.
  <T> T unlessStopped(Part<T> part) throws IOException, InterruptedException, BuildRefused {
    try {
      return part.done();
    } catch (BuildRefused e) {
      throw stopped ? refusal(List.of()) : e;
    }
  }
}
