package dev.widemesh.rack;

import dev.widemesh.api.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The logs of one environment in segments on this rack: an hour and 500 MB of them, the oldest
/// going first. A line lost with the power costs nothing but itself, so nothing is forced here.
final class LogStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LogStore.class);
  private static final String SUFFIX = ".ndjson";
  private static final String CURSORS = "cursors.json";
  private static final long SEGMENT_BYTES = 8_000_000;
  private static final Duration SEGMENT_TIME = Duration.ofMinutes(5);
  private static final Duration KEPT = Duration.ofHours(1);
  private static final long KEPT_BYTES = 500_000_000;
  private static final int LAST_LINES = 20;
  private static final int LONGEST_LAST_LINE = 1_000;

  private final Path folder;
  private final InstantSource clock;
  private final Map<String, LogCursor> cursors = new HashMap<>();
  private final Map<String, Deque<String>> lastLines = new HashMap<>();
  private final List<LogSubscription> subscriptions = new CopyOnWriteArrayList<>();
  private Path segment;
  private FileChannel channel;
  private long size;
  private Instant opened;

  private record Cursors(Map<String, LogCursor> cursors) {}

  LogStore(Path folder, InstantSource clock) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.clock = clock;
    recover();
    this.opened = clock.instant();
    this.segment = fresh();
    this.channel = open(segment);
    saveCursors();
  }

  /// Cursors as of the start of the last segment, then what that segment holds.
  private void recover() throws IOException {
    var file = folder.resolve(CURSORS);
    if (Files.exists(file)) {
      try {
        cursors.putAll(Json.read(Files.readString(file), Cursors.class).cursors());
      } catch (IllegalArgumentException e) {
        log.warn("{} cannot be read: some lines may come twice", file, e);
      }
    }
    var segments = segments();
    if (segments.isEmpty()) {
      return;
    }
    try (var reader = Files.newBufferedReader(segments.getLast())) {
      scan(reader);
    }
  }

  private void scan(BufferedReader reader) throws IOException {
    for (var line = reader.readLine(); line != null; line = reader.readLine()) {
      parse(line).ifPresent(this::note);
    }
  }

  /// Empty for what a killed process left half written.
  static java.util.Optional<LogRecord> parse(String line) {
    try {
      return java.util.Optional.of(Json.read(line, LogRecord.class));
    } catch (IllegalArgumentException _) {
      return java.util.Optional.empty();
    }
  }

  private void note(LogRecord line) {
    if (line.container().isEmpty()) {
      return;
    }
    cursors.merge(
        line.container(),
        LogCursor.START.after(line.at(), line.text()),
        (before, _) -> before.after(line.at(), line.text()));
    var last = lastLines.computeIfAbsent(line.container(), _ -> new ArrayDeque<>());
    var text = line.text();
    last.add(text.length() > LONGEST_LAST_LINE ? text.substring(0, LONGEST_LAST_LINE) : text);
    if (last.size() > LAST_LINES) {
      last.removeFirst();
    }
  }

  synchronized void append(LogRecord line) {
    if (!channel.isOpen()) {
      return;
    }
    var bytes = (Json.write(line) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      if (size > 0 && size + bytes.length > SEGMENT_BYTES) {
        rotate();
      }
      channel.write(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      log.warn("a line of {} is lost", folder, e);
    }
    size += bytes.length;
    note(line);
    subscriptions.forEach(subscription -> subscription.offer(line));
  }

  private void rotate() throws IOException {
    channel.close();
    opened = clock.instant();
    segment = fresh();
    channel = open(segment);
    size = 0;
    saveCursors();
    sweep();
  }

  /// Called from time to time: a quiet environment forgets, too.
  synchronized void age() {
    try {
      if (channel.isOpen() && size > 0 && opened.plus(SEGMENT_TIME).isBefore(clock.instant())) {
        rotate();
      }
      sweep();
    } catch (IOException e) {
      log.warn("cannot tidy {}", folder, e);
    }
  }

  private void sweep() throws IOException {
    var total = 0L;
    var oldest = clock.instant().minus(KEPT);
    for (var file : segments().reversed()) {
      total += Files.size(file);
      var old = Files.getLastModifiedTime(file).toInstant().isBefore(oldest);
      if (!file.equals(segment) && (old || total > KEPT_BYTES)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private Path fresh() throws IOException {
    var segments = segments();
    var last = segments.isEmpty() ? 0 : number(segments.getLast());
    return folder.resolve(Math.max(last + 1, clock.millis()) + SUFFIX);
  }

  private static long number(Path segment) {
    var name = segment.getFileName().toString();
    return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
  }

  private List<Path> segments() throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("\\d{1,18}\\.ndjson"))
          .sorted(java.util.Comparator.comparingLong(LogStore::number))
          .toList();
    }
  }

  private static FileChannel open(Path segment) throws IOException {
    return FileChannel.open(
        segment, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  private void saveCursors() throws IOException {
    var draft = folder.resolve(CURSORS + ".draft");
    Files.writeString(draft, Json.write(new Cursors(Map.copyOf(cursors))));
    Files.move(draft, folder.resolve(CURSORS), StandardCopyOption.ATOMIC_MOVE);
  }

  synchronized LogCursor cursor(String container) {
    return cursors.getOrDefault(container, LogCursor.START);
  }

  synchronized List<String> lastLines(String container) {
    return List.copyOf(lastLines.getOrDefault(container, new ArrayDeque<>()));
  }

  synchronized void keepOnly(Set<String> containers) {
    cursors.keySet().retainAll(containers);
    lastLines.keySet().retainAll(containers);
  }

  /// What is stored, and what comes from now on: without a gap or an overlap.
  record Opened(List<Path> segments, long lastSize, LogSubscription live) {}

  synchronized Opened subscribe(Instant since) throws IOException {
    var from = new ArrayList<Path>();
    for (var file : segments()) {
      if (file.equals(segment) || !Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
        from.add(file);
      }
    }
    var live = new LogSubscription(subscriptions::remove);
    subscriptions.add(live);
    return new Opened(from, size, live);
  }

  @Override
  public synchronized void close() {
    subscriptions.forEach(LogSubscription::end);
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + segment, e);
    }
  }

  synchronized void delete() throws IOException {
    close();
    try (var files = Files.list(folder)) {
      for (var file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }
}
