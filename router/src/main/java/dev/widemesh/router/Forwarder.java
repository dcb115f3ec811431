package dev.widemesh.router;

import dev.widemesh.router.HostResolvers.Server;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.parsetools.RecordParser;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Asks the host's name servers for everything that is not ours, one after the other, and
/// remembers. Messages pass as bytes: unpacking and packing again would break the compressed names
/// within MX, SOA and SRV records. Used on one event loop.
final class Forwarder {
  private static final long TRY_MILLIS = 2_000;
  private static final int TRIES = 3;
  private static final int PENDING = 4_096;
  private static final int STREAMS = 64;

  private record Pending(DnsQuery query, Server server, Promise<byte[]> answer) {}

  private final HostResolvers resolvers;
  private final DnsCache cache = new DnsCache();
  private final Map<Integer, Pending> pending = new HashMap<>();
  private final SecureRandom random = new SecureRandom();
  private final NetClient streams;
  private final DatagramSocket socket;
  private int openStreams;

  private Forwarder(Vertx vertx, HostResolvers resolvers, DatagramSocket socket) {
    this.resolvers = resolvers;
    this.socket = socket;
    this.streams = vertx.createNetClient(new NetClientOptions().setConnectTimeout(2_000));
  }

  static Future<Forwarder> open(Vertx vertx, HostResolvers resolvers) {
    var socket = vertx.createDatagramSocket();
    var forwarder = new Forwarder(vertx, resolvers, socket);
    socket.handler(forwarder::received);
    socket.exceptionHandler(_ -> {});
    return socket.listen(0, "0.0.0.0").map(_ -> forwarder);
  }

  /// The answer under the asker's id. It may be truncated: then [#askAll] has the whole.
  Future<byte[]> ask(DnsQuery query) {
    return cache
        .find(query)
        .map(Future::succeededFuture)
        .orElseGet(() -> attempt(query, 0).onSuccess(answer -> cache.keep(query, answer)));
  }

  private Future<byte[]> attempt(DnsQuery query, int number) {
    var servers = resolvers.servers();
    if (servers.isEmpty() || number >= TRIES || pending.size() >= PENDING) {
      return Future.failedFuture("no name server answered");
    }
    var server = servers.get(number % servers.size());
    var id = freeId();
    Promise<byte[]> answer = Promise.promise();
    pending.put(id, new Pending(query, server, answer));
    socket.send(Buffer.buffer(query.forwarded(id)), server.port(), server.address());
    return answer
        .future()
        .timeout(TRY_MILLIS, TimeUnit.MILLISECONDS)
        .onComplete(_ -> pending.remove(id))
        .recover(_ -> attempt(query, number + 1));
  }

  /// Hard to guess, so that nobody can answer in the name server's place.
  private int freeId() {
    var id = random.nextInt(0x10000);
    while (pending.containsKey(id)) {
      id = random.nextInt(0x10000);
    }
    return id;
  }

  private void received(DatagramPacket packet) {
    var bytes = packet.data().getBytes();
    if (bytes.length < DnsQuery.HEADER) {
      return;
    }
    var waiting = pending.get(DnsRecords.u16(bytes, 0));
    var from = packet.sender();
    if (waiting == null
        || !waiting.server().address().equals(Directory.address(from))
        || waiting.server().port() != from.port()
        || !waiting.query().isAnsweredBy(bytes)) {
      return;
    }
    DnsRecords.put16(bytes, 0, waiting.query().id());
    waiting.answer().tryComplete(bytes);
  }

  /// Over TCP, for what did not fit into a packet.
  Future<byte[]> askAll(DnsQuery query) {
    var servers = resolvers.servers();
    if (servers.isEmpty() || openStreams >= STREAMS) {
      return Future.failedFuture("no name server");
    }
    openStreams++;
    var server = servers.getFirst();
    return streams
        .connect(server.port(), server.address())
        .compose(stream -> askOver(stream, query))
        .timeout(TRY_MILLIS * 2, TimeUnit.MILLISECONDS)
        .onComplete(_ -> openStreams--);
  }

  private static Future<byte[]> askOver(NetSocket stream, DnsQuery query) {
    Promise<byte[]> answer = Promise.promise();
    stream.handler(messages(message -> answer.tryComplete(message.getBytes())));
    stream.closeHandler(_ -> answer.tryFail("closed"));
    stream.write(framed(query.bytes()));
    return answer
        .future()
        .timeout(TRY_MILLIS, TimeUnit.MILLISECONDS)
        .onComplete(_ -> stream.close());
  }

  /// Cuts a stream into messages, each after its length in two bytes.
  static RecordParser messages(io.vertx.core.Handler<Buffer> each) {
    var parser = RecordParser.newFixed(2);
    var awaitsLength = new boolean[] {true};
    parser.handler(
        piece -> {
          if (awaitsLength[0]) {
            var length = piece.getUnsignedShort(0);
            parser.fixedSizeMode(Math.max(1, length));
          } else {
            parser.fixedSizeMode(2);
            each.handle(piece);
          }
          awaitsLength[0] = !awaitsLength[0];
        });
    return parser;
  }

  static Buffer framed(byte[] message) {
    return Buffer.buffer(message.length + 2)
        .appendUnsignedShort(message.length)
        .appendBytes(message);
  }
}
