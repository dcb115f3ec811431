package dev.widemesh.rack;

import dev.widemesh.api.Views.LogLine;
import java.time.Instant;

/// A line as it lies in a segment: the line people see, and whose container wrote it.
record LogRecord(
    String container,
    Instant at,
    String source,
    String stack,
    String service,
    String instance,
    String text) {
  static final int LONGEST = 10_000;

  static LogRecord of(Seen seen, Instant at, String text) {
    var labels = seen.labels();
    return labels.isJob()
        ? new LogRecord(
            seen.container(),
            at,
            "release",
            labels.stack(),
            labels.service(),
            labels.service(),
            text)
        : new LogRecord(
            seen.container(),
            at,
            "instances",
            labels.stack(),
            labels.service(),
            labels.label(),
            text);
  }

  /// Said by the platform about an instance.
  static LogRecord platform(Labels labels, Instant at, String text) {
    return new LogRecord(
        "", at, "platform", labels.stack(), labels.service(), labels.label(), text);
  }

  LogLine line() {
    return new LogLine(at, source, stack, service, instance, text);
  }
}
