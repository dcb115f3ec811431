package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One process that must run: adopted when an earlier supervisor left it running, started
/// otherwise, started again after a pause when it ends.
final class Child {
  private static final Logger log = LoggerFactory.getLogger(Child.class);
  private static final List<Duration> PAUSES =
      List.of(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(5));
  private static final Duration HEALTHY = Duration.ofMinutes(1);
  private static final Duration LOOK = Duration.ofMillis(100);

  private final String name;
  private final List<String> argv;
  private final Path output;
  private final PidFile pidFile;
  private final String stopSignal;
  private final CompletableFuture<Void> stopping = new CompletableFuture<>();
  private final AtomicInteger quickEnds = new AtomicInteger();
  private final Set<ProcessHandle> leaving = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile CompletableFuture<Void> succeeded = new CompletableFuture<>();

  Child(String name, List<String> argv, DataFolder data, String stopSignal) {
    this.name = name;
    this.argv = List.copyOf(argv);
    this.output = data.logs().resolve(name + ".out");
    this.pidFile = PidFile.of(name, data);
    this.stopSignal = stopSignal;
    this.thread = Thread.ofPlatform().name(name).start(this::keepRunning);
  }

  String name() {
    return name;
  }

  Path output() {
    return output;
  }

  /// How often in a row it ended within a minute of its start.
  int quickEnds() {
    return quickEnds.get();
  }

  /// Starts another one beside the one that runs, which ends by itself once that serves.
  synchronized void succeed() {
    try {
      var running = pidFile.process();
      if (running.isPresent() && !stopping.isDone()) {
        leaving.removeIf(process -> !process.isAlive());
        leaving.add(running.get());
        start();
        succeeded.complete(null);
      }
    } catch (IOException e) {
      log.error("{} gets no successor", name, e);
    }
  }

  /// Asks it to end, and makes it end at the deadline.
  void stop(Duration limit) throws IOException, InterruptedException {
    noMore();
    thread.join(limit.plusSeconds(1));
    for (var process : leaving) {
      end(process, limit);
    }
    var process = pidFile.process();
    if (process.isPresent()) {
      end(process.get(), limit);
    }
    pidFile.delete();
  }

  /// After one that is being started, if there is one.
  private synchronized void noMore() {
    stopping.complete(null);
  }

  private void end(ProcessHandle process, Duration limit) throws IOException, InterruptedException {
    signal(process);
    if (!ended(process, limit)) {
      log.warn("{} did not end within {} s: killed", name, limit.toSeconds());
      process.destroyForcibly();
      ended(process, Duration.ofSeconds(5));
    }
  }

  private void signal(ProcessHandle process) throws IOException, InterruptedException {
    Command.run(
        Duration.ofSeconds(5), List.of("kill", "-" + stopSignal, Long.toString(process.pid())));
  }

  private static boolean ended(ProcessHandle process, Duration limit) throws InterruptedException {
    try {
      process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void keepRunning() {
    try {
      while (!stopping.isDone()) {
        var started = Instant.now();
        var process = adoptOrStart();
        var successor = succeeded;
        CompletableFuture.anyOf(endOf(process), stopping, successor).join();
        if (successor.isDone()) {
          log.info("{} has a successor", name);
          succeeded = new CompletableFuture<>();
        } else if (!stopping.isDone()) {
          var lived = Duration.between(started, Instant.now());
          var ends = lived.compareTo(HEALTHY) < 0 ? quickEnds.incrementAndGet() : zero();
          var pause = PAUSES.get(Math.clamp(ends - 1, 0, PAUSES.size() - 1));
          log.warn(
              "{} ended after {} s; again in {} s", name, lived.toSeconds(), pause.toSeconds());
          pauseFor(pause);
        }
      }
    } catch (IOException e) {
      log.error("{} cannot be started", name, e);
      quickEnds.set(Integer.MAX_VALUE);
    }
  }

  /// The JDK looks at who is no child of ours ever more seldom, at last every 5 s.
  private static CompletableFuture<ProcessHandle> endOf(ProcessHandle process) {
    if (process.parent().equals(Optional.of(ProcessHandle.current()))) {
      return process.onExit();
    }
    var end = new CompletableFuture<ProcessHandle>();
    Thread.ofVirtual().name("end-of-" + process.pid()).start(() -> watch(process, end));
    return end;
  }

  private static void watch(ProcessHandle process, CompletableFuture<ProcessHandle> end) {
    while (process.isAlive()) {
      LockSupport.parkNanos(LOOK.toNanos());
    }
    end.complete(process);
  }

  private int zero() {
    quickEnds.set(0);
    return 0;
  }

  private void pauseFor(Duration pause) {
    try {
      stopping.get(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      // The pause is over and nobody asked to stop.
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /// One at a time: who comes second finds the pid file of the first.
  private synchronized ProcessHandle adoptOrStart() throws IOException {
    var running = pidFile.process();
    if (running.isPresent()) {
      log.info("{} runs already (pid {}): adopted", name, running.get().pid());
      return running.get();
    }
    return start();
  }

  private ProcessHandle start() throws IOException {
    var builder = new ProcessBuilder(argv);
    // File names in commits are UTF-8, whatever the locale of the person who typed `up`.
    builder.environment().put("LC_ALL", "C.UTF-8");
    // glibc would keep an arena of freed memory for each of many threads.
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    var process =
        builder
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(output.toFile())
            .start();
    pidFile.write(process.toHandle());
    return process.toHandle();
  }
}
