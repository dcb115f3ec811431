package dev.widemesh.controller;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/// How many wrong tokens each address may still show. Nobody guesses 256 bits; but each guess costs
/// the database a question. Remembers a bounded number of addresses, the latest.
final class Guesses {
  static final int AT_ONCE = 30;
  static final Duration ONE_MORE_EVERY = Duration.ofSeconds(2);
  private static final int ADDRESSES = 10_000;

  private record Left(double guesses, long since) {
    double at(long now) {
      return Math.min(AT_ONCE, guesses + (double) (now - since) / ONE_MORE_EVERY.toNanos());
    }
  }

  private final Map<String, Left> addresses =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Left> eldest) {
          return size() > ADDRESSES;
        }
      };

  /// How long until this address may guess again; zero when it may now.
  synchronized Duration wait(String address, long now) {
    var left = addresses.get(network(address));
    var guesses = left == null ? AT_ONCE : left.at(now);
    return guesses >= 1
        ? Duration.ZERO
        : Duration.ofNanos((long) ((1 - guesses) * ONE_MORE_EVERY.toNanos()) + 1);
  }

  synchronized void wrong(String address, long now) {
    var key = network(address);
    var before = addresses.getOrDefault(key, new Left(AT_ONCE, now));
    addresses.put(key, new Left(Math.max(0, before.at(now) - 1), now));
  }

  synchronized int remembered() {
    return addresses.size();
  }

  /// Of IPv6 the network: one customer has all of its addresses.
  private static String network(String address) {
    try {
      return InetAddress.ofLiteral(address) instanceof Inet6Address six
          ? HexFormat.of().formatHex(six.getAddress(), 0, 8)
          : address;
    } catch (IllegalArgumentException _) {
      return address;
    }
  }
}
