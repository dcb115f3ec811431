package dev.widemesh.router;

import dev.widemesh.api.rack.RouteTable;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnectOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// The connections from one event loop to one instance, newest first. Touched on that event loop
/// only, but for the two closing calls.
final class Pool {
  /// Below the five seconds of Node, the shortest common keep-alive.
  private static final long EXPIRES = Duration.ofSeconds(4).toNanos();

  private static final int IDLE = 128;

  private final Lane lane;
  private final HttpConnectOptions to;
  private final ArrayDeque<Link> idle = new ArrayDeque<>();
  private final Set<Link> open = new HashSet<>();
  private boolean keeping = true;
  private boolean closed;

  Pool(Lane lane, RouteTable.Instance instance) {
    this.lane = lane;
    this.to =
        new HttpConnectOptions().setHost(instance.address()).setPort(instance.port()).setSsl(false);
  }

  /// The freshest idle connection that rested less than `rest`.
  Optional<Link> idle(Duration rest) {
    var now = System.nanoTime();
    expire(now);
    var link = idle.peekFirst();
    if (link == null || now - link.restingSince() > rest.toNanos()) {
      return Optional.empty();
    }
    return Optional.of(idle.removeFirst());
  }

  Future<Link> connect() {
    if (closed || open.size() >= Settings.LINKS) {
      return Future.failedFuture(new TooManyLinks());
    }
    return lane.client()
        .connect(to)
        .map(
            connection -> {
              var link = new Link(connection);
              open.add(link);
              link.onEnd(() -> forget(link));
              if (closed) {
                link.close();
              }
              return link;
            });
  }

  void give(Link link) {
    var kept = open.contains(link) && keeping && !closed && idle.size() < IDLE && link.rest();
    if (kept) {
      idle.addFirst(link);
    } else {
      link.close();
    }
  }

  void expire(long now) {
    while (!idle.isEmpty() && now - idle.getLast().restingSince() > EXPIRES) {
      idle.removeLast().close();
    }
  }

  /// From any thread: the instance drains.
  void closeIdle() {
    lane.run(
        () -> {
          keeping = false;
          while (!idle.isEmpty()) {
            idle.removeFirst().close();
          }
        });
  }

  /// From any thread: the instance left the table, its address may be another's soon.
  void closeAll() {
    lane.run(
        () -> {
          closed = true;
          idle.clear();
          Set.copyOf(open).forEach(Link::hangUp);
        });
  }

  /// From any thread: the instance is current again.
  void keep() {
    lane.run(() -> keeping = true);
  }

  private void forget(Link link) {
    open.remove(link);
    idle.remove(link);
  }

  static final class TooManyLinks extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyLinks() {
      super("too many connections to this instance", null, false, false);
    }
  }
}
