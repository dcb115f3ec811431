package dev.widemesh.router;

import java.nio.file.Path;
import java.time.Duration;

/// The figures that nobody sets but tests. `answer` bounds the silence before a response, `idle`
/// the silence within one and between requests, `head` the time for a first request; `laggards` are
/// answers that stand still because their clients do not read, over all event loops.
record Settings(
    int insideHttp,
    int insideDns,
    Duration head,
    Duration idle,
    Duration answer,
    Duration hold,
    Duration tunnelIdle,
    Duration drain,
    long bodyLimit,
    int laggards,
    Path resolvers) {
  static final Settings DEFAULT =
      new Settings(
          80,
          53,
          Duration.ofSeconds(15),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofSeconds(5),
          Duration.ofHours(1),
          Duration.ofSeconds(30),
          100L * 1024 * 1024,
          1_000,
          Path.of("/etc/resolv.conf"));

  /// Requests held for one service while it starts.
  static final int HELD = 1_000;

  /// Client connections of which nothing is being served, over all event loops.
  static final int WAITING = 3_000;

  /// Bytes a second, on average, at which a body must come once it took longer than `idle`.
  static final long SLOWEST_BODY = 500;

  /// Characters in the heads of all requests under way, over all event loops.
  static final long HEADS = 50_000_000;

  /// Client connections for each event loop.
  static final int VISITORS = 20_000;

  /// Connections to one instance from each event loop.
  static final int LINKS = 2_000;
}
