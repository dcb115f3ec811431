package dev.widemesh.rack;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads one run of a container's output into the store, from where it stopped before.
final class LogFollower extends ResultCallback.Adapter<Frame> {
  private static final Logger log = LoggerFactory.getLogger(LogFollower.class);

  private final Seen seen;
  private final LogStore store;
  private final LogCursor cursor;
  private final Consumer<Boolean> ended;
  private final Flood flood = new Flood(System.nanoTime());
  private final Map<StreamType, Partial> partials = new EnumMap<>(StreamType.class);
  private final AtomicBoolean over = new AtomicBoolean();
  private boolean resuming = true;

  /// A line that Docker gives in pieces.
  private record Partial(Instant at, ByteArrayOutputStream bytes) {}

  /// `ended` hears whether the end of the output was reached.
  LogFollower(Seen seen, LogStore store, Consumer<Boolean> ended) {
    this.seen = seen;
    this.store = store;
    this.cursor = store.cursor(seen.container());
    this.ended = ended;
  }

  Instant since() {
    return cursor.at();
  }

  @Override
  public void onNext(Frame frame) {
    if (over.get()) {
      return;
    }
    if (frame.getStreamType() == StreamType.RAW) {
      // Not of the container: the daemon's own words that it lost its place, after a flood. It
      // says nothing more, and does not hang up either.
      log.info("following {} anew", seen.name());
      end(false);
      closeQuietly();
      return;
    }
    var bytes = frame.getPayload();
    var space = indexOf(bytes, ' ');
    if (space < 0) {
      return;
    }
    try {
      var at = Instant.parse(new String(bytes, 0, space, StandardCharsets.US_ASCII));
      take(frame.getStreamType(), at, bytes, space + 1);
    } catch (DateTimeException e) {
      log.debug("a frame without a time stamp of {}", seen.name(), e);
    }
  }

  private void take(StreamType stream, Instant at, byte[] bytes, int from) {
    var whole = bytes.length > from && bytes[bytes.length - 1] == '\n';
    var length = bytes.length - from - (whole ? 1 : 0);
    var partial =
        partials.computeIfAbsent(stream, _ -> new Partial(at, new ByteArrayOutputStream()));
    var room = LogRecord.LONGEST - partial.bytes().size();
    partial.bytes().write(bytes, from, Math.min(length, Math.max(0, room)));
    if (whole || bytes.length == from) {
      partials.remove(stream);
      store(partial);
    }
  }

  private void store(Partial line) {
    var text = text(line.bytes());
    if (resuming && cursor.covers(line.at(), text)) {
      return;
    }
    resuming = false;
    var now = System.nanoTime();
    if (flood.allows(text.length(), now)) {
      store.append(LogRecord.of(seen, line.at(), text));
    }
    tell(flood.tell(now));
  }

  private static String text(ByteArrayOutputStream bytes) {
    var text = bytes.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private void tell(long dropped) {
    if (dropped > 0) {
      var words = "%d lines dropped: more than 5,000 lines or 2 MB a second".formatted(dropped);
      store.append(LogRecord.platform(seen.labels(), Instant.now(), words));
    }
  }

  private static int indexOf(byte[] bytes, char wanted) {
    for (var i = 0; i < Math.min(bytes.length, 40); i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public void onComplete() {
    if (!over.get()) {
      partials.values().forEach(this::store);
      partials.clear();
      tell(flood.reset());
    }
    super.onComplete();
    end(true);
  }

  /// Once only: the next follower may be at work already.
  private void end(boolean reachedEnd) {
    if (over.compareAndSet(false, true)) {
      ended.accept(reachedEnd);
    }
  }

  // Not the inherited one: it logs every end of a stream as an error.
  private void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      log.debug("closing a follower", e);
    }
  }

  @Override
  public void onError(Throwable failure) {
    log.debug("following {} ended early", seen.name(), failure);
    closeQuietly();
    end(false);
  }
}
