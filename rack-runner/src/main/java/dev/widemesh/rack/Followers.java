package dev.widemesh.rack;

import com.github.dockerjava.api.exception.NotFoundException;
import dev.widemesh.model.Failpoint;
import dev.widemesh.rack.Seen.Phase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one follower on each run of each container of an environment, until it read the end.
final class Followers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Followers.class);
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final Engine engine;
  private final LogStore store;
  private final Runnable onEnd;
  private final Map<String, LogFollower> active = new HashMap<>();
  private final Map<String, Instant> failed = new HashMap<>();
  private final Set<String> ended = new HashSet<>();
  private boolean closed;

  Followers(Engine engine, LogStore store, Runnable onEnd) {
    this.engine = engine;
    this.store = store;
    this.onEnd = onEnd;
  }

  synchronized void watch(List<Seen> seen) {
    var runs = new HashSet<String>();
    for (var one : seen) {
      if (!(one.phase() instanceof Phase.Created)) {
        runs.add(run(one));
        follow(one);
      }
    }
    ended.retainAll(runs);
    failed.keySet().retainAll(runs);
  }

  private void follow(Seen seen) {
    var run = run(seen);
    if (closed || ended.contains(run) || active.containsKey(seen.container())) {
      return;
    }
    var again = failed.get(run);
    if (again != null && Instant.now().isBefore(again)) {
      return;
    }
    var follower = new LogFollower(seen, store, reachedEnd -> end(seen, reachedEnd));
    active.put(seen.container(), follower);
    try {
      var _ = engine.follow(seen.container(), follower.since(), follower);
    } catch (NotFoundException _) {
      end(seen, true);
    }
  }

  // Docker ends a stream with an error in its midst when a flood rotates the file: only the stream
  // of a container that had ended before is known to be whole.
  private synchronized void end(Seen seen, boolean reachedEnd) {
    active.remove(seen.container());
    var run = run(seen);
    if (reachedEnd && seen.phase() instanceof Phase.Ended) {
      ended.add(run);
      Failpoint.LAST_LINE_READ.pass();
    } else {
      var before = failed.put(run, Instant.now());
      if (before != null && before.plus(AGAIN).isAfter(Instant.now())) {
        failed.put(run, Instant.now().plus(AGAIN));
        var _ = Thread.startVirtualThread(this::lookLater);
      }
    }
    onEnd.run();
  }

  private void lookLater() {
    try {
      Thread.sleep(AGAIN.plusMillis(50));
      onEnd.run();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  synchronized boolean followed(Seen seen) {
    return ended.contains(run(seen));
  }

  private static String run(Seen seen) {
    return switch (seen.phase()) {
      case Phase.Created _ -> seen.container();
      case Phase.Running(var since, _) -> seen.container() + since;
      case Phase.Ended(var since, _, _, _) -> seen.container() + since;
    };
  }

  @Override
  public void close() {
    List<LogFollower> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(active.values());
    }
    for (var follower : all) {
      try {
        follower.close();
      } catch (IOException e) {
        log.debug("closing a follower", e);
      }
    }
  }
}
