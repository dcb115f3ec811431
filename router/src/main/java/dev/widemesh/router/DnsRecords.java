package dev.widemesh.router;

import java.util.OptionalInt;

/// Walks the records of a message without unpacking them: what we forward stays as it came, with
/// every compressed name in it.
final class DnsRecords {
  private static final int OPTION = 41;
  private static final int SOA = 6;

  private DnsRecords() {}

  private interface Visit {
    /// `at`: the record's type; the TTL is at +4, the data's length at +8.
    void record(int start, int at, int type);
  }

  static int u16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  static void put16(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >> 8);
    bytes[at + 1] = (byte) value;
  }

  private static long u32(byte[] bytes, int at) {
    return (long) u16(bytes, at) << 16 | u16(bytes, at + 2);
  }

  private static void walk(byte[] bytes, Visit visit) {
    var at = DnsQuery.HEADER;
    for (var i = 0; i < u16(bytes, 4); i++) {
      at = skipName(bytes, at) + 4;
    }
    var records = u16(bytes, 6) + u16(bytes, 8) + u16(bytes, 10);
    for (var i = 0; i < records; i++) {
      var start = at;
      at = skipName(bytes, at);
      visit.record(start, at, u16(bytes, at));
      at += 10 + u16(bytes, at + 8);
    }
  }

  private static int skipName(byte[] bytes, int from) {
    var at = from;
    while (true) {
      var length = bytes[at] & 0xff;
      if (length == 0) {
        return at + 1;
      }
      if (length >= 0xc0) {
        return at + 2;
      }
      at += 1 + length;
    }
  }

  /// Where the EDNS record starts.
  static OptionalInt option(byte[] bytes) {
    var found = new int[] {-1};
    walk(
        bytes,
        (start, _, type) -> {
          if (type == OPTION) {
            found[0] = start;
          }
        });
    return found[0] < 0 ? OptionalInt.empty() : OptionalInt.of(found[0]);
  }

  /// How long the message holds, in seconds: its shortest record. Nothing without records.
  static OptionalInt ttl(byte[] bytes) {
    var shortest = new long[] {Long.MAX_VALUE};
    walk(
        bytes,
        (_, at, type) -> {
          if (type != OPTION) {
            shortest[0] = Math.min(shortest[0], u32(bytes, at + 4));
          }
          if (type == SOA) {
            shortest[0] = Math.min(shortest[0], u32(bytes, at + 6 + u16(bytes, at + 8)));
          }
        });
    return shortest[0] == Long.MAX_VALUE
        ? OptionalInt.empty()
        : OptionalInt.of((int) Math.min(shortest[0], Integer.MAX_VALUE));
  }

  /// A copy whose records are so many seconds older.
  static byte[] aged(byte[] bytes, int seconds) {
    var copy = bytes.clone();
    walk(
        copy,
        (_, at, type) -> {
          if (type != OPTION) {
            var left = Math.max(0, u32(copy, at + 4) - seconds);
            put16(copy, at + 4, (int) (left >> 16));
            put16(copy, at + 6, (int) left & 0xffff);
          }
        });
    return copy;
  }
}
