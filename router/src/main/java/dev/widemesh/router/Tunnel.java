package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/// Bytes both ways, no faster than they are taken, until both sides have ended. Each end passes on
/// behind the last byte before it. Over TLS, which knows no half, the first end is the end of both.
final class Tunnel {
  private final TunnelSide client;
  private final TunnelSide instance;
  private final Kind kind;
  private final Owner owner;
  private final Frames frames = new Frames();
  private final Valve fromClient;
  private final Pump up;
  private final Pump down;
  private boolean upOver;
  private boolean downOver;
  private boolean instanceGone;
  private boolean over;
  private long taken;

  record Kind(boolean webSocket, boolean secure) {}

  interface Owner {
    void active();

    void lags(boolean lagging);

    /// It ended in the middle of something: the client shall not take it for a usual end.
    void clientBroken(Future<?> written);

    void instanceBroken(Future<?> written);

    /// What was written may still be taken.
    void over();
  }

  Tunnel(TunnelSide client, TunnelSide instance, Kind kind, Owner owner) {
    this.client = client;
    this.instance = instance;
    this.kind = kind;
    this.owner = owner;
    this.fromClient = client.gate().turn();
    this.up = new Pump(client.socket(), fromClient, instance.socket(), this::goesUp, _ -> lags());
    this.down =
        new Pump(
            instance.socket(),
            instance.gate().turn(),
            client.socket(),
            this::goesDown,
            _ -> lags());
  }

  void start() {
    instance.gate().keepHalves();
    if (!kind.secure()) {
      client.gate().keepHalves();
    }
    instance.gate().onEnd(this::instanceEnded);
    client.gate().onEnd(this::clientEnded);
    up.start();
    down.start();
  }

  private boolean goesUp(Buffer piece) {
    if (!instance.gate().ended()) {
      owner.active();
    }
    return !instanceGone;
  }

  private boolean goesDown(Buffer piece) {
    owner.active();
    if (kind.webSocket()) {
      frames.pass(piece);
    }
    return true;
  }

  private void lags() {
    owner.lags(up.isStopped() || down.isStopped());
  }

  boolean clientLags() {
    return down.isStopped();
  }

  /// Nobody waits here for what may still be said, but for what was said to be taken.
  boolean ending() {
    return instance.gate().ended() || (client.gate().ended() && (kind.webSocket() || !upOver));
  }

  /// Whether one of them took something since this was asked last.
  boolean moves() {
    var before = taken;
    taken = client.wire().taken() + instance.wire().taken();
    return taken != before;
  }

  void look() {
    client.look();
    instance.look();
  }

  private void instanceEnded(Gate.End end) {
    if (end != Gate.End.HALF) {
      instanceGone = true;
      // Nobody takes what waits there, and the client's end waits behind it.
      fromClient.open();
    }
    if (downOver) {
      if (instanceGone && !upOver) {
        clientLosesItsHearer();
      }
      return;
    }
    downOver = true;
    if (kind.webSocket() && frames.mayFollow()) {
      client.socket().write(Frames.restart());
    }
    if (end != Gate.End.HALF && !kind.webSocket()) {
      owner.clientBroken(client.written());
      end();
    } else if (upOver || kind.secure()) {
      end();
    } else {
      client.endOutput();
    }
  }

  private void clientLosesItsHearer() {
    if (!kind.webSocket()) {
      owner.clientBroken(client.written());
    }
    end();
  }

  private void clientEnded(Gate.End end) {
    if (upOver) {
      end();
      return;
    }
    upOver = true;
    if (end != (kind.secure() ? Gate.End.CLOSED : Gate.End.HALF)) {
      owner.instanceBroken(instance.written());
      end();
    } else if (downOver || kind.secure()) {
      end();
    } else {
      instance.endOutput();
    }
  }

  private void end() {
    over = true;
    owner.over();
  }

  /// What has not ended yet shall not be taken to have.
  void breakOff() {
    if (!kind.webSocket() && !upOver) {
      owner.instanceBroken(instance.written());
    }
    if (!kind.webSocket() && !downOver) {
      owner.clientBroken(client.written());
    }
  }

  void drop() {
    client.gate().drop();
    instance.gate().drop();
  }

  /// This router is about to go: what it has is still for those whom it was sent to. (Vert.x says
  /// so of each connection that closes, too.)
  void part() {
    if (over) {
      return;
    }
    client.gate().pour();
    instance.gate().pour();
    instanceEnded(Gate.End.CLOSED);
    if (!upOver && !kind.webSocket()) {
      owner.instanceBroken(instance.written());
    }
    end();
  }
}
