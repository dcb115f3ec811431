package dev.widemesh.allinone;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import dev.widemesh.router.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How one router takes over from another without a lost request. A router that gets SIGTERM while
/// the platform stays up asks the supervisor for a successor on the same ports, waits until that
/// one serves, and only then lets its clients go.
record Succession(DataFolder data) {
  private static final Logger log = LoggerFactory.getLogger(Succession.class);
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /// In the router: it serves.
  void announce() throws IOException {
    new PidFile(serving()).write(ProcessHandle.current());
  }

  /// In the router that ends: returns when nobody needs it any more.
  void handOver(Router router) throws IOException {
    if (successorServes()) {
      log.info("another router serves: handing over");
      router.handOver();
    } else {
      router.close();
    }
  }

  private boolean successorServes() throws IOException {
    if (Supervisor.pidFile(data).process().isEmpty() || Files.exists(ending())) {
      return false;
    }
    new PidFile(leaving()).write(ProcessHandle.current());
    var deadline = Instant.now().plus(LIMIT);
    while (Instant.now().isBefore(deadline) && !Files.exists(ending())) {
      var serves = new PidFile(serving()).process();
      if (serves.isPresent() && serves.get().pid() != ProcessHandle.current().pid()) {
        return true;
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
    return false;
  }

  /// In the supervisor, before it starts a router: `succeed` starts a successor whenever one asks.
  void answer(Runnable succeed) throws IOException {
    Files.deleteIfExists(ending());
    Files.deleteIfExists(leaving());
    var watch = data.run().getFileSystem().newWatchService();
    data.run().register(watch, ENTRY_CREATE, ENTRY_MODIFY);
    Thread.ofVirtual().name("succession").start(() -> answer(watch, succeed));
  }

  private void answer(WatchService watch, Runnable succeed) {
    try (watch) {
      while (!Files.exists(ending())) {
        var key = watch.take();
        key.pollEvents();
        key.reset();
        if (Files.deleteIfExists(leaving())) {
          succeed.run();
        }
      }
    } catch (IOException e) {
      log.error("a router that ends gets no successor any more", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// In the supervisor: the platform goes down, nobody succeeds.
  void end() throws IOException {
    AtomicFile.write(ending(), "");
  }

  private Path serving() {
    return data.run().resolve("router.serving");
  }

  private Path leaving() {
    return data.run().resolve("router.leaving");
  }

  private Path ending() {
    return data.run().resolve("ending");
  }
}
