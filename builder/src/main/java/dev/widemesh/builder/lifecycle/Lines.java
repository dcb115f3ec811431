package dev.widemesh.builder.lifecycle;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/// Cuts the output of a program into lines, standard output and error apart.
final class Lines extends ResultCallback.Adapter<Frame> {
  private static final int LONGEST = 4_000;

  private final Consumer<String> sink;
  private final Map<StreamType, ByteArrayOutputStream> open = new EnumMap<>(StreamType.class);

  Lines(Consumer<String> sink) {
    this.sink = sink;
  }

  @Override
  public void onNext(Frame frame) {
    var line = open.computeIfAbsent(frame.getStreamType(), _ -> new ByteArrayOutputStream());
    for (var b : frame.getPayload()) {
      if (b == '\n' || line.size() >= LONGEST) {
        flush(line);
      }
      if (b != '\n') {
        line.write(b);
      }
    }
  }

  @Override
  public void onComplete() {
    open.values().stream().filter(line -> line.size() > 0).forEach(this::flush);
    super.onComplete();
  }

  private void flush(ByteArrayOutputStream line) {
    sink.accept(line.toString(StandardCharsets.UTF_8));
    line.reset();
  }
}
