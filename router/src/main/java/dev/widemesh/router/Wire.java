package dev.widemesh.router;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A connection as the kernel has it, used on its event loop. Vert.x closes one only when all that
/// was written to it has left: a peer that does not read would keep it open for ever, and what
/// waits for it in memory.
record Wire(Channel channel) {
  static Wire of(HttpConnection connection) {
    if (connection instanceof ConnectionBase real) {
      return new Wire(real.channel());
    }
    throw new IllegalStateException("not a connection but " + connection.getClass());
  }

  /// Whatever became of it in between: an upgraded one is no HTTP connection any more, and Vert.x
  /// does not say of it that it ended.
  void onEnd(Runnable action) {
    channel.closeFuture().addListener(_ -> action.run());
  }

  /// What was written may still leave within the limit. Later it is dropped, by us and by the
  /// kernel (tcp(7), TCP_USER_TIMEOUT).
  void hangUp(Duration limit) {
    if (!channel.isOpen()) {
      return;
    }
    var millis = Math.toIntExact(limit.toMillis());
    channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, millis);
    var _ = channel.close();
    if (channel.isOpen()) {
      var late = channel.eventLoop().schedule(this::cut, millis, TimeUnit.MILLISECONDS);
      onEnd(() -> late.cancel(false));
    }
  }

  /// Drops what did not leave, here and in the kernel: the peer hears of a reset.
  void cut() {
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      // Past the handlers, who would wait until all is written.
      channel.unsafe().close(channel.newPromise());
    }
  }
}
