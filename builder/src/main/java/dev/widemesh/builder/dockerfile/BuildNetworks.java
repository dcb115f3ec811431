package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.Engine;
import java.util.BitSet;

/// A bridge for each Dockerfile build that is under way, and nobody else on it. Steps have the
/// rights that Docker gives everybody, raw sockets among them: on a bridge with others a step could
/// pass for the gateway (ARP) and read what they send.
///
/// They stay for later builds. The rack's firewall knows them by the beginning of their names.
final class BuildNetworks {
  private final Engine engine;
  private final BitSet taken = new BitSet();

  BuildNetworks(Engine engine) {
    this.engine = engine;
  }

  /// One that is not on the engine yet, perhaps; to be given back.
  synchronized Taken take() {
    var number = taken.nextClearBit(1);
    taken.set(number);
    return new Taken(number, engine.network() + number);
  }

  private synchronized void free(int number) {
    taken.clear(number);
  }

  final class Taken implements AutoCloseable {
    private final int number;
    private final String name;

    private Taken(int number, String name) {
      this.number = number;
      this.name = name;
    }

    /// Makes it where it is not there.
    String ensured() {
      engine.ensureNetwork(name);
      return name;
    }

    @Override
    public void close() {
      free(number);
    }
  }
}
