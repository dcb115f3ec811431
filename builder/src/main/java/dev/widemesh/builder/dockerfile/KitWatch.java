package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.Amount;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.DiskSpace;
import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Strain;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Ends a build by BuildKit that takes more than its share of the disk, of lines, of processes.
/// Memory and processors its container bounds.
final class KitWatch implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(250);

  /// Counting takes long where there are many files: at least so long between two counts, and ten
  /// times as long as one takes.
  private static final long COUNT_NANOS = Duration.ofSeconds(5).toNanos();

  /// What the disk may lose until it is looked whether that was this build.
  private static final long NOTICED = 200_000_000;

  /// A step may bump into its limit; one that runs against it again and again is a fork bomb.
  private static final long FORK_BOMB = 250;

  private static final long MOST_FILES = 1_000_000;

  private final List<Path> folders;
  private final BuildLimits limits;
  private final KitProgress progress;
  private final Supplier<Strain> strain;
  private final Supplier<OpenFiles.Sum> unlinked;
  private final Amount before;
  private final long freeBefore;
  private final Watch watch;
  private volatile Strain worst = Strain.NONE;
  private long next = System.nanoTime() + COUNT_NANOS;
  private long free;

  /// `folders` are all that the build may write to, `unlinked` what it has open and is in none of
  /// them any more; `stop` ends it.
  KitWatch(
      List<Path> folders,
      BuildLimits limits,
      KitProgress progress,
      Supplier<Strain> strain,
      Supplier<OpenFiles.Sum> unlinked,
      Runnable stop)
      throws IOException {
    this.folders = List.copyOf(folders);
    this.limits = limits;
    this.progress = progress;
    this.strain = strain;
    this.unlinked = unlinked;
    this.before = Amount.of(folders);
    this.freeBefore = free();
    this.free = freeBefore;
    this.watch = new Watch("kit-watch", this::look, stop);
  }

  /// Why it ended the build.
  Optional<Diagnosis> verdict() {
    return watch.verdict();
  }

  /// Once nothing runs any more: what is wrong with the build, however fast it was.
  Optional<Diagnosis> last() throws IOException {
    close();
    var known = verdict().or(() -> progress.refusal(limits));
    return known.isPresent() ? known : written();
  }

  /// The worst that was seen, though the container may be gone by now.
  Strain strain() {
    worst = worst.orMore(strain.get());
    return worst;
  }

  private Optional<Diagnosis> look() throws IOException, InterruptedException {
    Thread.sleep(LOOK);
    var refusal = progress.refusal(limits).or(this::forksTooMuch);
    var now = System.nanoTime();
    if (refusal.isEmpty() && (now > next || free - free() > NOTICED)) {
      refusal = written();
      next = System.nanoTime() + Math.max(COUNT_NANOS, 10 * (System.nanoTime() - now));
      free = free();
    }
    return refusal;
  }

  private long free() throws IOException {
    return DiskSpace.of(folders.getFirst()).free();
  }

  private Optional<Diagnosis> forksTooMuch() {
    return strain().refusedProcesses() > FORK_BOMB
        ? Optional.of(StepFailure.tooManyProcesses("the build", progress.tail(), limits))
        : Optional.empty();
  }

  /// What lies in folders first: it has a bound, however many files a program opens.
  private Optional<Diagnosis> written() throws IOException {
    var now = Amount.of(folders);
    var space = DiskSpace.of(folders.getFirst());
    return refusal(now, space, 0).or(() -> withUnlinked(now, space));
  }

  private Optional<Diagnosis> withUnlinked(Amount now, DiskSpace space) {
    var open = unlinked.get();
    return open.isMore()
        ? Optional.of(
            new Diagnosis.BuildFailed(
                "the build opened more than %,d files at once".formatted(OpenFiles.MOST),
                progress.tail(),
                "make the build close its files, or open less of them"))
        : refusal(now, space, open.bytes());
  }

  private Optional<Diagnosis> refusal(Amount now, DiskSpace space, long open) {
    var bytes = now.bytes() - before.bytes() + open;
    var taken = Math.max(bytes, freeBefore - space.free());
    // Whoever wrote little is not whom the disk is full of.
    if (space.isFull() && taken > (space.used() + space.free()) / 20) {
      return Optional.of(space.diagnosis());
    }
    if (bytes > limits.written()) {
      return Optional.of(tooMuch("wrote more than %d MB".formatted(limits.written() / 1_000_000)));
    }
    if (now.deep()) {
      return Optional.of(tooMuch("nested its folders too deep"));
    }
    return now.files() - before.files() > MOST_FILES
        ? Optional.of(tooMuch("made more than %,d files".formatted(MOST_FILES)))
        : Optional.empty();
  }

  private Diagnosis tooMuch(String what) {
    return new Diagnosis.BuildFailed(
        "the build " + what, progress.tail(), "make the build write less");
  }

  @Override
  public void close() {
    watch.close();
  }
}
