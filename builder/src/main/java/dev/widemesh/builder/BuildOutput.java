package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire.Lease;
import dev.widemesh.api.BuildWire.Output;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.api.Route;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the lines of one build to the controller, and with every delivery renews the lease.
///
/// Lines wait while the controller is away; it tells with its answer that the build is cancelled.
/// Of a flood the first 10 MB are kept and the last lines; between them stands how many are not.
final class BuildOutput implements Consumer<Draft>, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BuildOutput.class);
  private static final Duration GATHER = Duration.ofMillis(100);
  private static final Duration BEAT = Duration.ofSeconds(5);
  private static final Duration LAST = Duration.ofSeconds(15);
  private static final int MOST_LINES = 200_000;
  private static final long MOST_CHARACTERS = 10_000_000;
  private static final int BATCH = 1_000;
  private static final int CONFLICT = 409;
  private static final int GONE = 404;

  private final ApiClient controller;
  private final String builder;
  private final String path;
  private final Runnable onCancel;
  private final Thread pump;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Draft> waiting = new ArrayDeque<>();
  private final DroppedLines dropped = new DroppedLines();
  private int lines;
  private long characters;
  private boolean closed;

  BuildOutput(ApiClient controller, String builder, String deployment, Runnable onCancel) {
    this.controller = controller;
    this.builder = builder;
    this.path = Route.BUILD_OUTPUT.with(deployment);
    this.onCancel = onCancel;
    this.pump = Thread.ofVirtual().name("build-output").start(this::run);
  }

  @Override
  public void accept(Draft line) {
    var clean = new Draft(line.kind(), TerminalText.clean(line.text()));
    lock.lock();
    try {
      if (lines < MOST_LINES && characters < MOST_CHARACTERS) {
        add(clean);
      } else {
        dropped.drop(clean);
      }
    } finally {
      lock.unlock();
    }
  }

  /// The builder's own words are never dropped.
  private void say(Draft line) {
    lock.lock();
    try {
      dropped.tell().forEach(this::add);
      add(new Draft(line.kind(), TerminalText.clean(line.text())));
    } finally {
      lock.unlock();
    }
  }

  private void add(Draft line) {
    lines++;
    characters += line.text().length();
    waiting.add(line);
    changed.signal();
  }

  void step(String text) {
    say(Draft.step(text));
  }

  void detail(String text) {
    say(Draft.detail(text));
  }

  private void run() {
    try {
      var last = System.nanoTime();
      while (awaitLines(last)) {
        last = System.nanoTime();
        deliver();
      }
    } catch (InterruptedException _) {
      log.debug("output to {} stopped", path);
    }
  }

  /// Returns when there is something to send or the lease wants renewal; false at the end.
  private boolean awaitLines(long last) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      var left = BEAT.toNanos() - (System.nanoTime() - last);
      while (waiting.isEmpty() && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      var gather = GATHER.toNanos();
      while (!waiting.isEmpty() && waiting.size() < BATCH && !closed && gather > 0) {
        gather = changed.awaitNanos(gather);
      }
      return !closed || !waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void deliver() throws InterruptedException {
    var batch = take();
    try {
      var lease = controller.send("POST", path, new Output(builder, batch), Lease.class);
      if (lease.cancelled()) {
        onCancel.run();
      }
    } catch (ApiException e) {
      if (e.status() == CONFLICT || e.status() == GONE) {
        log.info("the lease on {} is lost: {}", path, e.getMessage());
        onCancel.run();
      } else {
        putBack(batch);
        TimeUnit.MILLISECONDS.sleep(500);
      }
    }
  }

  private List<Draft> take() {
    lock.lock();
    try {
      var batch = new ArrayList<Draft>();
      while (!waiting.isEmpty() && batch.size() < BATCH) {
        batch.add(waiting.removeFirst());
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void putBack(List<Draft> batch) {
    lock.lock();
    try {
      batch.reversed().forEach(waiting::addFirst);
    } finally {
      lock.unlock();
    }
  }

  /// Delivers what waits, within a deadline.
  @Override
  public void close() {
    lock.lock();
    try {
      dropped.tell().forEach(this::add);
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (!pump.join(LAST)) {
        pump.interrupt();
      }
    } catch (InterruptedException _) {
      pump.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
