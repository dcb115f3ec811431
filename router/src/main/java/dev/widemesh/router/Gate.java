package dev.widemesh.router;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/// Holds what comes over a connection while its taker is behind, and the connection's end after it.
/// Vert.x tells of an end at once, and then what it still held back is lost: so it is never asked
/// to hold anything. Used on the connection's event loop.
final class Gate extends ChannelInboundHandlerAdapter {
  /// So much waits here, in bytes, before the connection is left unread, and is read again when
  /// half of it is gone: to stop and to begin again cost more than that memory does.
  private static final int ENOUGH = 64 * 1024;

  /// What a message takes besides its bytes, and a head with its headers, about.
  private static final int PIECE = 256;

  private static final int HEAD = 8 * 1024;

  /// A sender that ends is read to its end at once, by Netty: so much may wait here then. (The
  /// kernel doubles it, for its own needs.)
  private static final int KERNEL_HOLDS = 208 * 1024;

  private static final String HANDLER = "handler";

  enum End {
    /// In order: nothing more comes, but something may still go.
    HALF,
    FAILED,
    CLOSED
  }

  /// What is told of the connection's end, when that has its turn.
  private record Told(Telling telling) {}

  private interface Telling {
    void tell() throws Exception;
  }

  /// One taker's hand on the gate, until the next one's.
  private final class Turn implements Valve {
    private final int number = turn;

    @Override
    public void shut() {
      if (number == turn) {
        Gate.this.shut();
      }
    }

    @Override
    public void open() {
      if (number == turn) {
        Gate.this.open();
      }
    }
  }

  private final Wire wire;
  private final Channel channel;
  private final ArrayDeque<Object> waiting = new ArrayDeque<>();
  private ChannelHandlerContext context;
  private ChannelInboundHandler next;
  private Consumer<End> onEnd = _ -> {};
  private int turn;
  private long held;
  private boolean shut;
  private boolean still;
  private boolean flowing;
  private boolean poured;
  private boolean dropping;
  private boolean ended;
  private boolean outputEnded;
  private boolean outputFailed;

  private Gate(Wire wire) {
    this.wire = wire;
    this.channel = wire.channel();
    this.context = place(channel);
    this.next = (ChannelInboundHandler) context.handler();
    channel.config().setOption(ChannelOption.SO_RCVBUF, KERNEL_HOLDS);
    channel.pipeline().addBefore(HANDLER, "gate", this);
  }

  static Gate on(Wire wire) {
    return new Gate(wire);
  }

  private static ChannelHandlerContext place(Channel channel) {
    var place = channel.pipeline().context(HANDLER);
    if (place == null) {
      throw new IllegalStateException("closed at once");
    }
    return place;
  }

  /// Vert.x has put another handler in the place of its own. It is asked directly: Netty takes the
  /// pipeline apart as soon as a connection is closed.
  void follow() {
    context = place(channel);
    next = (ChannelInboundHandler) context.handler();
  }

  /// From now on, one way may end before the other, and a failure to write is no end of reading.
  void keepHalves() {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    channel.config().setOption(ChannelOption.AUTO_CLOSE, false);
  }

  void onEnd(Consumer<End> listener) {
    onEnd = listener;
  }

  /// Whether the end has come, though it may wait for what came before.
  boolean ended() {
    return ended;
  }

  /// To be called when all that was written has left.
  void endOutput() {
    outputEnded = true;
    if (ended) {
      var _ = context.close();
    } else if (channel.isOpen() && channel instanceof DuplexChannel both) {
      var _ = both.shutdownOutput();
    }
  }

  /// For who takes what comes from now on.
  Valve turn() {
    turn++;
    return new Turn();
  }

  /// Between two takers. Whether nothing came that the last one did not take.
  boolean rest() {
    turn++;
    shut = false;
    return waiting.isEmpty();
  }

  void shut() {
    shut = true;
  }

  private void open() {
    shut = false;
    flow();
  }

  /// Lets pass what is there, whether or not it is taken.
  void pour() {
    poured = true;
    shut = false;
    flow();
  }

  /// Nobody wants any more of it.
  void drop() {
    dropping = true;
    onEnd = _ -> {};
    shut = false;
    flow();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (dropping) {
      ReferenceCountUtil.release(message);
    } else if (shut || !waiting.isEmpty()) {
      hold(message);
    } else {
      next.channelRead(context, message);
    }
  }

  private void hold(Object message) {
    waiting.add(message);
    held += size(message);
    if (held > ENOUGH && !still) {
      still = true;
      channel.config().setAutoRead(false);
    }
  }

  private static int size(Object message) {
    return switch (message) {
      case ByteBuf bytes -> PIECE + bytes.readableBytes();
      case ByteBufHolder holder -> PIECE + holder.content().readableBytes();
      default -> HEAD;
    };
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    next.channelReadComplete(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(End.CLOSED, () -> next.channelInactive(context));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end(End.FAILED, () -> next.exceptionCaught(context, cause));
    var _ = context.close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    switch (event) {
      case ChannelInputShutdownReadComplete _ -> endInput();
      case ChannelOutputShutdownEvent _ -> endOutput(outputEnded);
      default -> next.userEventTriggered(context, event);
    }
  }

  /// Where Netty cannot write it ends the output, which the peer would take for a usual end. What
  /// the peer said before comes first.
  private void endOutput(boolean usual) {
    outputFailed = !usual;
    if (outputFailed && ended) {
      wire.cut();
    }
  }

  /// A reset that was met in writing looks like a usual end in reading.
  private void endInput() {
    end(outputFailed ? End.FAILED : End.HALF, () -> {});
    if (outputFailed) {
      wire.cut();
    } else if (outputEnded) {
      var _ = context.close();
    }
  }

  private void end(End end, Telling telling) {
    ended = true;
    waiting.add(
        new Told(
            () -> {
              onEnd.accept(end);
              telling.tell();
            }));
    flow();
  }

  private void flow() {
    if (flowing || waiting.isEmpty()) {
      return;
    }
    flowing = true;
    try {
      while ((poured || !shut) && !waiting.isEmpty()) {
        pass(waiting.removeFirst());
      }
      next.channelReadComplete(context);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      flowing = false;
    }
    // To read on after the end would be to close it: Netty does not watch it any more.
    if (still && !ended && held <= ENOUGH / 2) {
      still = false;
      channel.config().setAutoRead(true);
    }
  }

  private void pass(Object one) throws Exception {
    if (one instanceof Told told) {
      told.telling().tell();
      return;
    }
    held -= size(one);
    if (dropping) {
      ReferenceCountUtil.release(one);
    } else {
      next.channelRead(context, one);
    }
  }
}
