package dev.widemesh.router;

import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;

/// Our own answers.
final class DnsReply {
  private static final int TTL = 5;
  private static final int AUTHORITATIVE = 0x0400;
  private static final int TRUNCATED = 0x0200;
  private static final int RECURSION_AVAILABLE = 0x0080;
  private static final int SERVER_FAILURE = 2;
  private static final int NO_SUCH_NAME = 3;
  private static final int REFUSED = 5;

  /// Points to the name in the question.
  private static final int SAME_NAME = 0xc00c;

  private DnsReply() {}

  static byte[] address(DnsQuery query, String address) {
    var reply = head(query, AUTHORITATIVE, 1, 0);
    record(reply, DnsQuery.A);
    var bytes = InetAddress.ofLiteral(address).getAddress();
    reply.appendUnsignedShort(bytes.length).appendBytes(bytes);
    return end(query, reply);
  }

  /// The name exists, but has no record of this type. (NXDOMAIN instead would make resolvers that
  /// ask for AAAA first give the name up.)
  static byte[] noData(DnsQuery query) {
    return end(query, authority(head(query, AUTHORITATIVE, 0, 1)));
  }

  static byte[] noSuchName(DnsQuery query) {
    return end(query, authority(head(query, AUTHORITATIVE | NO_SUCH_NAME, 0, 1)));
  }

  static byte[] failure(DnsQuery query) {
    return end(query, head(query, SERVER_FAILURE, 0, 0));
  }

  static byte[] refused(DnsQuery query) {
    return end(query, head(query, REFUSED, 0, 0));
  }

  /// Tells the asker to come again over TCP.
  static byte[] truncated(DnsQuery query) {
    return end(query, head(query, TRUNCATED, 0, 0));
  }

  private static Buffer head(DnsQuery query, int flags, int answers, int authorities) {
    var asked = DnsRecords.u16(query.bytes(), 2) & 0x0110;
    return Buffer.buffer()
        .appendUnsignedShort(query.id())
        .appendUnsignedShort(0x8000 | asked | flags | RECURSION_AVAILABLE)
        .appendUnsignedShort(1)
        .appendUnsignedShort(answers)
        .appendUnsignedShort(authorities)
        .appendUnsignedShort(query.hasOptions() ? 1 : 0)
        .appendBytes(query.bytes(), DnsQuery.HEADER, query.questionEnd() - DnsQuery.HEADER);
  }

  private static void record(Buffer reply, int type) {
    reply
        .appendUnsignedShort(SAME_NAME)
        .appendUnsignedShort(type)
        .appendUnsignedShort(DnsQuery.INTERNET)
        .appendInt(TTL);
  }

  /// The start of authority that says how long the absence holds.
  private static Buffer authority(Buffer reply) {
    record(reply, 6);
    reply.appendUnsignedShort(22).appendByte((byte) 0).appendByte((byte) 0);
    for (var figure : new int[] {1, 3600, 600, 86_400, TTL}) {
      reply.appendInt(figure);
    }
    return reply;
  }

  private static byte[] end(DnsQuery query, Buffer reply) {
    if (query.hasOptions()) {
      reply
          .appendByte((byte) 0)
          .appendUnsignedShort(41)
          .appendUnsignedShort(DnsQuery.LARGEST)
          .appendInt(0)
          .appendUnsignedShort(0);
    }
    return reply.getBytes();
  }
}
