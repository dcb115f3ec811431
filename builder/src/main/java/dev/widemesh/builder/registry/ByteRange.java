package dev.widemesh.builder.registry;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Both ends inclusive, as HTTP counts.
record ByteRange(long from, long to) {
  private static final Pattern REQUESTED = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
  private static final Pattern SENT =
      Pattern.compile("(?:bytes[ =])?(\\d{1,18})-(\\d{1,18})(?:/.*)?");

  long length() {
    return to - from + 1;
  }

  /// What a `Range` header asks of a file; empty where the whole file is meant.
  static Optional<ByteRange> requested(String header, long size) throws RegistryFailure {
    var match = REQUESTED.matcher(header);
    if (!match.matches() || header.equals("bytes=-")) {
      return Optional.empty(); // several ranges, other units: HTTP lets us send all
    }
    var range = within(match, size);
    if (range.from < 0 || range.from >= size || range.length() <= 0) {
      throw new RegistryFailure(
          416,
          ErrorCode.SIZE_INVALID,
          "the blob has " + size + " bytes",
          Map.of("Content-Range", "bytes */" + size));
    }
    return Optional.of(range);
  }

  private static ByteRange within(Matcher match, long size) {
    if (match.group(1).isEmpty()) {
      return new ByteRange(Math.max(0, size - Long.parseLong(match.group(2))), size - 1);
    }
    var last = match.group(2).isEmpty() ? size - 1 : Long.parseLong(match.group(2));
    return new ByteRange(Long.parseLong(match.group(1)), Math.min(last, size - 1));
  }

  /// What a `Content-Range` header of a chunk says.
  static Optional<ByteRange> sent(String header) {
    var match = SENT.matcher(header);
    return match.matches()
        ? Optional.of(new ByteRange(Long.parseLong(match.group(1)), Long.parseLong(match.group(2))))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return from + "-" + to;
  }
}
