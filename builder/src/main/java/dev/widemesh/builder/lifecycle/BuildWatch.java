package dev.widemesh.builder.lifecycle;

import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Strain;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends a build that takes more than its share: of the disk, of lines, of processes. Memory, time
/// and processors have guards of their own.
final class BuildWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BuildWatch.class);
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final int LOOKS_TO_COUNT = 20;

  /// A build may bump into its limit; one that runs against it again and again is a fork bomb.
  private static final long FORK_BOMB = 250;

  private final BuildLimits limits;
  private final WorkFolders work;
  private final Transcript transcript;
  private final Supplier<Strain> strain;
  private final Runnable kill;
  private final Thread thread;
  private volatile Optional<Diagnosis> verdict = Optional.empty();
  private volatile Strain worst = Strain.NONE;

  BuildWatch(
      BuildLimits limits,
      WorkFolders work,
      Transcript transcript,
      Supplier<Strain> strain,
      Runnable kill) {
    this.limits = limits;
    this.work = work;
    this.transcript = transcript;
    this.strain = strain;
    this.kill = kill;
    this.thread = Thread.ofVirtual().name("build-watch").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Why it was ended.
  Optional<Diagnosis> verdict() {
    return verdict;
  }

  /// The worst that was seen, though the container may be gone by now.
  Strain strain() {
    worst = worst.orMore(strain.get());
    return worst;
  }

  private void run() {
    try {
      for (var look = 1L; verdict.isEmpty(); look++) {
        Thread.sleep(LOOK);
        verdict = tooMuch(look % LOOKS_TO_COUNT == 0);
      }
      kill.run();
    } catch (InterruptedException _) {
      log.debug("the build ended");
    } catch (IOException e) {
      // What cannot be measured has no bound.
      log.warn("cannot measure the folders of a build: {}", e.toString());
      verdict = Optional.of(refusal("the build wrote what cannot be measured"));
      kill.run();
    }
  }

  private Optional<Diagnosis> tooMuch(boolean counting) throws IOException {
    if (transcript.bytes() > limits.printed()) {
      return Optional.of(
          new Diagnosis.BuildFailed(
              "the build printed more than %d MB".formatted(limits.printed() / 1_000_000),
              transcript.tail(),
              "make the build print less"));
    }
    if (strain().refusedProcesses() > FORK_BOMB) {
      return Optional.of(FailureReader.tooManyProcesses(limits, transcript.tail()));
    }
    var space = DiskSpace.of(work.root());
    if (counting || space.isFull()) {
      var amount = work.amount();
      // Whoever wrote little is not whom the disk is full of.
      if (space.isFull() && amount.bytes() > (space.used() + space.free()) / 20) {
        return Optional.of(space.diagnosis());
      }
      return amount.refusal(limits.written()).map(this::refusal);
    }
    return Optional.empty();
  }

  /// What the build wrote in all, once nothing in it can write any more.
  void requireModest() throws IOException, BuildRefused {
    var words = work.amount().refusal(limits.written());
    if (words.isPresent()) {
      throw new BuildRefused(refusal(words.get()));
    }
  }

  private Diagnosis refusal(String what) {
    return new Diagnosis.BuildFailed(what, transcript.tail(), "make the build write less");
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
