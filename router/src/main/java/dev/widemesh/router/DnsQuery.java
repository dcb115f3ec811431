package dev.widemesh.router;

import java.util.Locale;
import java.util.Optional;

/// A question as it came over the wire. `name` is lower-case without the last dot; `questionEnd` is
/// where the question stops; `limit` what the asker takes over UDP.
final class DnsQuery {
  static final int HEADER = 12;
  static final int A = 1;
  static final int ANY = 255;
  static final int INTERNET = 1;
  private static final int PLAIN_LIMIT = 512;

  /// What fits every path unfragmented, the figure of the 2020 DNS flag day.
  static final int LARGEST = 1232;

  private final byte[] bytes;
  private final String name;
  private final int type;
  private final int klass;
  private final int questionEnd;
  private final int limit;

  private DnsQuery(byte[] bytes, String name, int type, int klass, int questionEnd) {
    this.bytes = bytes;
    this.name = name;
    this.type = type;
    this.klass = klass;
    this.questionEnd = questionEnd;
    this.limit = limit(bytes);
  }

  byte[] bytes() {
    return bytes;
  }

  String name() {
    return name;
  }

  int type() {
    return type;
  }

  int klass() {
    return klass;
  }

  int questionEnd() {
    return questionEnd;
  }

  int limit() {
    return limit;
  }

  /// Nothing where it is no plain question: such packets get no answer.
  static Optional<DnsQuery> parse(byte[] bytes) {
    try {
      return bytes.length < HEADER + 5 || !isQuestion(bytes) ? Optional.empty() : read(bytes);
    } catch (IndexOutOfBoundsException _) {
      return Optional.empty();
    }
  }

  private static boolean isQuestion(byte[] bytes) {
    var response = (bytes[2] & 0x80) != 0;
    var operation = bytes[2] >> 3 & 0xf;
    return !response && operation == 0 && DnsRecords.u16(bytes, 4) == 1;
  }

  private static Optional<DnsQuery> read(byte[] bytes) {
    var name = new StringBuilder();
    var at = HEADER;
    for (int length = bytes[at++] & 0xff; length != 0; length = bytes[at++] & 0xff) {
      if (length > 63 || name.length() + length > 254) {
        return Optional.empty();
      }
      name.append(name.isEmpty() ? "" : ".");
      for (var end = at + length; at < end; at++) {
        name.append((char) (bytes[at] & 0xff));
      }
    }
    var type = DnsRecords.u16(bytes, at);
    var klass = DnsRecords.u16(bytes, at + 2);
    var lower = name.toString().toLowerCase(Locale.ROOT);
    return Optional.of(new DnsQuery(bytes, lower, type, klass, at + 4));
  }

  private static int limit(byte[] bytes) {
    var option = DnsRecords.option(bytes);
    return option.isEmpty()
        ? PLAIN_LIMIT
        : Math.clamp(DnsRecords.u16(bytes, option.getAsInt() + 3), PLAIN_LIMIT, LARGEST);
  }

  int id() {
    return DnsRecords.u16(bytes, 0);
  }

  boolean hasOptions() {
    return DnsRecords.option(bytes).isPresent();
  }

  boolean singleLabel() {
    return !name.isEmpty() && name.indexOf('.') < 0;
  }

  /// As it goes to the host's name servers: under our own id, asking for no more than we take.
  byte[] forwarded(int id) {
    var copy = bytes.clone();
    DnsRecords.put16(copy, 0, id);
    DnsRecords.option(copy)
        .ifPresent(
            at -> DnsRecords.put16(copy, at + 3, Math.min(LARGEST, DnsRecords.u16(copy, at + 3))));
    return copy;
  }

  /// Whether these bytes answer this question, in whatever case it is repeated.
  boolean isAnsweredBy(byte[] answer) {
    if (answer.length < questionEnd || (answer[2] & 0x80) == 0) {
      return false;
    }
    for (var at = HEADER; at < questionEnd; at++) {
      if (Character.toLowerCase(bytes[at] & 0xff) != Character.toLowerCase(answer[at] & 0xff)) {
        return false;
      }
    }
    return true;
  }
}
