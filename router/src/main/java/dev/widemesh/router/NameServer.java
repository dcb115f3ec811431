package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.function.Supplier;

/// The name server of one environment, at its router address: answers only its own containers, with
/// its own names. Names of one label are ours, found or not; everything else is asked on.
final class NameServer {
  private static final int CLIENTS = 1_000;
  private static final int IDLE_SECONDS = 10;

  private final String environment;
  private final Supplier<Routing> routing;
  private final Forwarder forwarder;
  private final DatagramSocket socket;
  private final NetServer server;
  private int clients;

  private NameServer(
      Vertx vertx, String environment, Supplier<Routing> routing, Forwarder forwarder) {
    this.environment = environment;
    this.routing = routing;
    this.forwarder = forwarder;
    this.socket = vertx.createDatagramSocket(new DatagramSocketOptions().setReusePort(true));
    this.server =
        vertx.createNetServer(
            new NetServerOptions().setIdleTimeout(IDLE_SECONDS).setReusePort(true));
  }

  static Future<NameServer> open(
      Vertx vertx,
      String environment,
      String address,
      int port,
      Supplier<Routing> routing,
      Forwarder forwarder) {
    var names = new NameServer(vertx, environment, routing, forwarder);
    names.socket.handler(names::packet);
    names.socket.exceptionHandler(_ -> {});
    names.server.connectHandler(names::stream);
    return names
        .socket
        .listen(port, address)
        .compose(_ -> names.server.listen(port, address))
        .map(_ -> names)
        .recover(why -> names.close().transform(_ -> Future.failedFuture(why)));
  }

  Future<Void> close() {
    return socket.close().eventually(server::close);
  }

  private void packet(DatagramPacket packet) {
    var from = packet.sender();
    if (!isOurs(from)) {
      return;
    }
    DnsQuery.parse(packet.data().getBytes())
        .ifPresent(
            query ->
                answer(query)
                    .map(answer -> fitting(query, answer))
                    .onSuccess(
                        answer ->
                            socket.send(Buffer.buffer(answer), from.port(), from.hostAddress())));
  }

  private static byte[] fitting(DnsQuery query, byte[] answer) {
    return answer.length > query.limit() ? DnsReply.truncated(query) : answer;
  }

  private void stream(NetSocket stream) {
    if (!isOurs(stream.remoteAddress()) || clients >= CLIENTS) {
      stream.close();
      return;
    }
    clients++;
    stream.closeHandler(_ -> clients--);
    stream.exceptionHandler(_ -> {});
    stream.handler(
        Forwarder.messages(
            message ->
                DnsQuery.parse(message.getBytes())
                    .ifPresentOrElse(query -> answer(stream, query), () -> stream.close())));
  }

  private void answer(NetSocket stream, DnsQuery query) {
    answer(query)
        .compose(answer -> isTruncated(answer) ? forwarder.askAll(query) : whole(answer))
        .recover(_ -> whole(DnsReply.failure(query)))
        .onSuccess(answer -> stream.write(Forwarder.framed(answer)));
  }

  private static boolean isTruncated(byte[] answer) {
    return (answer[2] & 0x02) != 0;
  }

  private static Future<byte[]> whole(byte[] answer) {
    return Future.succeededFuture(answer);
  }

  private boolean isOurs(SocketAddress from) {
    return routing
        .get()
        .environment(environment)
        .map(inside -> inside.subnet().contains(Directory.address(from)))
        .orElse(false);
  }

  private Future<byte[]> answer(DnsQuery query) {
    if (query.klass() != DnsQuery.INTERNET) {
      return whole(DnsReply.refused(query));
    }
    if (query.singleLabel()) {
      return whole(own(query));
    }
    return forwarder.ask(query).recover(_ -> whole(DnsReply.failure(query)));
  }

  private byte[] own(DnsQuery query) {
    var inside = routing.get().environment(environment);
    if (inside.isEmpty() || !inside.get().services().containsKey(query.name())) {
      return DnsReply.noSuchName(query);
    }
    return query.type() == DnsQuery.A || query.type() == DnsQuery.ANY
        ? DnsReply.address(query, inside.get().address())
        : DnsReply.noData(query);
  }
}
