package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.Engine;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A bridge for each Dockerfile build that is under way, and nobody else on it. Steps have the
/// rights that Docker gives everybody, raw sockets among them: on a bridge with others a step could
/// pass for the gateway (ARP) and read what they send.
///
/// They stay for later builds. The rack's firewall knows them by the beginning of their names.
final class BuildNetworks {
  private static final Logger log = LoggerFactory.getLogger(BuildNetworks.class);

  private final Engine engine;
  private final BitSet taken = new BitSet();

  BuildNetworks(Engine engine) {
    this.engine = engine;
  }

  /// One that is not on the engine yet, perhaps; to be given back once nothing is on it any more.
  synchronized Taken take() {
    var number = taken.nextClearBit(1);
    taken.set(number);
    return new Taken(number);
  }

  private synchronized void free(int number) {
    taken.clear(number);
  }

  private synchronized int next(int number) {
    var next = taken.nextClearBit(number + 1);
    taken.set(next);
    taken.clear(number);
    return next;
  }

  private String name(int number) {
    return engine.network() + number;
  }

  final class Taken implements AutoCloseable {
    private int number;

    private Taken(int number) {
      this.number = number;
    }

    /// Makes it where it is not there. One with a container on it, which could not be removed or
    /// came late, waits until that is gone.
    synchronized String ensured() {
      while (!engine.containersOn(name(number)).isEmpty()) {
        log.warn("network {} is not empty: the next one is used", name(number));
        number = next(number);
      }
      engine.ensureNetwork(name(number));
      return name(number);
    }

    @Override
    public synchronized void close() {
      free(number);
    }
  }
}
