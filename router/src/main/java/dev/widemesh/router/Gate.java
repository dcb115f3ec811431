package dev.widemesh.router;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/// Holds what comes over a connection while its taker is behind, and the connection's end after it.
/// Vert.x tells of an end at once, and then what it still held back is lost: so it is never asked
/// to hold anything. Used on the connection's event loop.
final class Gate extends ChannelInboundHandlerAdapter implements Valve {
  /// So much waits here, in bytes, before the connection is left unread, and is read again when
  /// half of it is gone: to stop and to begin again cost more than that memory does.
  private static final int ENOUGH = 128 * 1024;

  /// A sender that ends is read to its end at once, by Netty: so much may wait here then. (The
  /// kernel doubles it, for its own needs.)
  private static final int KERNEL_HOLDS = 208 * 1024;

  private static final String HANDLER = "handler";

  /// What is told of the connection's end, when that has its turn.
  private record Told(Telling telling) {}

  private interface Telling {
    void tell() throws Exception;
  }

  private final Channel channel;
  private final ArrayDeque<Object> waiting = new ArrayDeque<>();
  private final ChannelHandlerContext context;
  private final ChannelInboundHandler next;
  private long held;
  private boolean shut;
  private boolean still;
  private boolean flowing;
  private boolean dropping;

  private Gate(Channel channel) {
    this.channel = channel;
    // Asked directly: Netty takes the pipeline apart as soon as a connection is closed.
    this.context = place(channel);
    this.next = (ChannelInboundHandler) context.handler();
    channel.config().setOption(ChannelOption.SO_RCVBUF, KERNEL_HOLDS);
    channel.pipeline().addBefore(HANDLER, "gate", this);
  }

  static Gate on(Wire wire) {
    return new Gate(wire.channel());
  }

  private static ChannelHandlerContext place(Channel channel) {
    var place = channel.pipeline().context(HANDLER);
    if (place == null) {
      throw new IllegalStateException("closed at once");
    }
    return place;
  }

  @Override
  public void shut() {
    shut = true;
  }

  @Override
  public void open() {
    shut = false;
    flow();
  }

  /// Nobody wants any more of it.
  void drop() {
    dropping = true;
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
      case ByteBuf bytes -> bytes.readableBytes();
      case ByteBufHolder holder -> holder.content().readableBytes();
      default -> 0;
    };
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    next.channelReadComplete(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(() -> next.channelInactive(context));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end(() -> next.exceptionCaught(context, cause));
  }

  private void end(Telling telling) {
    waiting.add(new Told(telling));
    flow();
  }

  private void flow() {
    if (flowing || waiting.isEmpty()) {
      return;
    }
    flowing = true;
    try {
      while (!shut && !waiting.isEmpty()) {
        pass(waiting.removeFirst());
      }
      next.channelReadComplete(context);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      flowing = false;
    }
    if (still && held <= ENOUGH / 2) {
      still = false;
      channel.config().setAutoRead(true);
    }
  }

  private void pass(Object one) throws Exception {
    held -= size(one);
    if (one instanceof Told told) {
      told.telling().tell();
    } else if (dropping) {
      ReferenceCountUtil.release(one);
    } else {
      next.channelRead(context, one);
    }
  }
}
