package dev.widemesh.router;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Answers of the host's name servers as long as they hold, the least recently used going first.
/// Used on one event loop.
final class DnsCache {
  private static final int ENTRIES = 10_000;
  private static final int LARGEST = 4_096;
  private static final int LONGEST_SECONDS = 3_600;

  private record Key(String name, int type, int klass, int flags, boolean options) {}

  private record Entry(Buffer answer, long storedAt, long seconds) {}

  private final Map<Key, Entry> entries = new LinkedHashMap<>(64, 0.75f, true);

  Optional<byte[]> find(DnsQuery query) {
    var entry = entries.get(key(query));
    if (entry == null) {
      return Optional.empty();
    }
    var age = Duration.ofNanos(System.nanoTime() - entry.storedAt()).toSeconds();
    if (age >= entry.seconds()) {
      entries.remove(key(query));
      return Optional.empty();
    }
    var answer = DnsRecords.aged(entry.answer().getBytes(), (int) age);
    DnsRecords.put16(answer, 0, query.id());
    return Optional.of(answer);
  }

  /// Keeps what is whole and certain: found, or certainly not there.
  void keep(DnsQuery query, byte[] answer) {
    var code = answer[3] & 0xf;
    var truncated = (answer[2] & 0x02) != 0;
    var seconds = DnsRecords.ttl(answer).orElse(0);
    if ((code != 0 && code != 3) || truncated || seconds == 0 || answer.length > LARGEST) {
      return;
    }
    var held = Math.min(seconds, LONGEST_SECONDS);
    entries.put(key(query), new Entry(Buffer.buffer(answer), System.nanoTime(), held));
    if (entries.size() > ENTRIES) {
      entries.remove(entries.keySet().iterator().next());
    }
  }

  /// Recursion desired and checking disabled change the answer; so does DNSSEC, asked for in EDNS.
  private static Key key(DnsQuery query) {
    var flags = DnsRecords.u16(query.bytes(), 2) & 0x0110;
    var option = DnsRecords.option(query.bytes());
    var secure = option.isPresent() && (query.bytes()[option.getAsInt() + 7] & 0x80) != 0;
    return new Key(
        query.name(), query.type(), query.klass(), secure ? flags | 1 : flags, option.isPresent());
  }
}
