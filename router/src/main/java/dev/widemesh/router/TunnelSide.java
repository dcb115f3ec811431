package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;

/// One side of a tunnel.
record TunnelSide(NetSocket socket, Wire wire, Gate gate) {
  /// When all that was written before has left for the kernel, or cannot any more.
  Future<Void> written() {
    return socket.write(Buffer.buffer());
  }

  void endOutput() {
    // What could not be written is told of in another way: it is no usual end.
    written().onSuccess(_ -> gate.endOutput());
  }

  /// After one way has ended, the kernel says only to those who ask that the other has, too.
  void look() {
    if (gate.ended() && wire.isDead()) {
      wire.cut();
    }
  }
}
