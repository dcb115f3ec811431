package dev.widemesh.router;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.vertx.core.Future;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A connection as the kernel has it, used on its event loop. Vert.x closes one only when all that
/// was written to it has left: a peer that does not read would keep it open for ever, and what
/// waits for it in memory.
record Wire(Channel channel) {
  /// Of those who take what is there for them, but slowly, that many times the limit is the end.
  static final int PATIENCE = 10;

  /// tcp(7), TCP_INFO, up to its field `tcpi_notsent_bytes`.
  private static final RawUnixChannelOption INFO = new RawUnixChannelOption("TCP_INFO", 6, 11, 148);

  private static final int STATE = 0;
  private static final int UNACKNOWLEDGED = 24;

  private static final int ACKNOWLEDGED = 120;
  private static final int UNSENT = 144;
  private static final byte TCP_CLOSE = 7;
  private static final long GLANCE_MILLIS = 20;

  static Wire of(Object connection) {
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

  /// How many bytes its peer has taken. What is in our hands may not move for long though a slow
  /// peer reads all the time: the kernel asks for more only when a third of what it holds has left.
  long taken() {
    return info().map(info -> info.getLong(ACKNOWLEDGED)).orElse(0L);
  }

  /// Whether its peer has taken all that was given to the kernel for it.
  private boolean allTaken() {
    return info()
        .map(info -> info.getInt(UNACKNOWLEDGED) == 0 && info.getInt(UNSENT) == 0)
        .orElse(true);
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /// Open for us, but over for the kernel.
  boolean isDead() {
    return info().map(info -> info.get(STATE) == TCP_CLOSE).orElse(false);
  }

  private Optional<ByteBuffer> info() {
    return channel.isOpen()
        ? Optional.ofNullable(channel.config().getOption(INFO))
            .map(info -> info.order(ByteOrder.nativeOrder()))
        : Optional.empty();
  }

  /// What was written may still leave, while the peer takes some of it within each limit. Then it
  /// is dropped, by us and by the kernel (tcp(7), TCP_USER_TIMEOUT).
  void hangUp(Duration limit) {
    if (!channel.isOpen()) {
      return;
    }
    var millis = Math.toIntExact(limit.toMillis());
    channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, millis);
    var _ = channel.close();
    if (channel.isOpen()) {
      cutWhenStill(millis, taken(), PATIENCE);
    }
  }

  /// A peer that reads gets all that was written, and then no usual end but a reset.
  void reset(Future<?> written, Duration limit) {
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      cutWhenStill(Math.toIntExact(limit.toMillis()), taken(), PATIENCE);
      written.onComplete(_ -> cutWhenTaken());
    }
  }

  private void cutWhenTaken() {
    if (allTaken()) {
      cut();
    } else {
      var _ =
          channel.eventLoop().schedule(this::cutWhenTaken, GLANCE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void cutWhenStill(int millis, long before, int rounds) {
    var late =
        channel
            .eventLoop()
            .schedule(() -> look(millis, before, rounds - 1), millis, TimeUnit.MILLISECONDS);
    onEnd(() -> late.cancel(false));
  }

  private void look(int millis, long before, int rounds) {
    var now = taken();
    if (now == before || rounds == 0) {
      cut();
    } else {
      cutWhenStill(millis, now, rounds);
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
