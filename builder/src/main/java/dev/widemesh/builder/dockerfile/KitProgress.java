package dev.widemesh.builder.dockerfile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.model.Diagnosis;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// What BuildKit says while it builds (`--progress=rawjson`): passed on as steps and details, the
/// last lines kept as evidence.
final class KitProgress implements Consumer<String>, Printed {
  private static final Pattern STEP =
      Pattern.compile("\\[[^\\]]* ?\\d+/\\d+] (.*)", Pattern.DOTALL);
  private static final Pattern LINE = Pattern.compile("Dockerfile:(\\d{1,6})");
  private static final int KEPT = 20;
  private static final int LONGEST = 4_000;
  private static final int MOST_STEPS = 2_000;

  /// A status says what was printed in a third more letters, and whose it is and when, which is
  /// more than a short line: of statuses this many times what may be printed.
  private static final int STATUSES = 10;

  private final Consumer<Draft> output;
  private final Map<String, String> steps = new HashMap<>();
  private final Set<String> told = new HashSet<>();
  private final Deque<String> tail = new ArrayDeque<>();
  private final Deque<String> words = new ArrayDeque<>();
  private final ByteArrayOutputStream open = new ByteArrayOutputStream();
  private String current = "";
  private long printed;
  private long statuses;
  private int failedLine;

  KitProgress(Consumer<Draft> output) {
    this.output = output;
  }

  /// One line: a status in JSON, or words of the program itself.
  @Override
  public synchronized void accept(String line) {
    if (!line.startsWith("{")) {
      printed += line.length();
      own(line);
      return;
    }
    statuses += line.length();
    try {
      var status = Json.MAPPER.readTree(line);
      status.path("vertexes").forEach(this::vertex);
      for (var log : status.path("logs")) {
        var data = log.path("data").binaryValue();
        log(log.path("vertex").asText(), data == null ? new byte[0] : data);
      }
    } catch (IOException _) {
      printed += line.length();
      own("a status that cannot be read");
    }
  }

  private void own(String line) {
    var at = LINE.matcher(line);
    if (at.matches()) {
      failedLine = Integer.parseInt(at.group(1));
    }
    keep(words, line);
  }

  private void vertex(JsonNode vertex) {
    var step = STEP.matcher(vertex.path("name").asText());
    var digest = vertex.path("digest").asText();
    if (step.matches() && steps.size() < MOST_STEPS) {
      steps.put(digest, step.group(1).replaceAll("\\s+", " "));
    }
    if (steps.containsKey(digest) && vertex.hasNonNull("started") && told.add(digest)) {
      begin(digest);
      if (vertex.path("cached").asBoolean()) {
        output.accept(Draft.detail("cached"));
      }
    }
  }

  private void begin(String digest) {
    finishLine();
    current = digest;
    tail.clear();
    output.accept(Draft.step(steps.getOrDefault(digest, "")));
  }

  private void log(String digest, byte[] data) {
    printed += data.length;
    // That it began may be said after what it prints.
    if (steps.containsKey(digest) && (told.add(digest) || !digest.equals(current))) {
      begin(digest);
    }
    for (var b : data) {
      if (b == '\n' || open.size() >= LONGEST) {
        finishLine();
      }
      if (b != '\n') {
        open.write(b);
      }
    }
  }

  private void finishLine() {
    if (open.size() > 0) {
      var line = open.toString(StandardCharsets.UTF_8).stripTrailing();
      open.reset();
      output.accept(Draft.detail(line));
      keep(tail, line);
    }
  }

  private static void keep(Deque<String> lines, String line) {
    if (!line.isBlank()) {
      lines.addLast(line);
    }
    if (lines.size() > KEPT) {
      lines.removeFirst();
    }
  }

  @Override
  public synchronized List<String> tail() {
    finishLine();
    return List.copyOf(tail);
  }

  /// The line of the Dockerfile that failed; 0 where that was not said.
  synchronized int failedLine() {
    return failedLine;
  }

  /// The program's last words.
  synchronized String error() {
    return words.isEmpty()
        ? "BuildKit broke off"
        : words.getLast().replaceFirst("^(error|ERROR): (failed to solve: )?", "");
  }

  @Override
  public synchronized long printed() {
    return printed;
  }

  @Override
  public synchronized Optional<Diagnosis> refusal(BuildLimits limits) {
    return Printed.super.refusal(limits).or(() -> pieces(limits));
  }

  private Optional<Diagnosis> pieces(BuildLimits limits) {
    return statuses > STATUSES * limits.printed()
        ? Optional.of(
            new Diagnosis.BuildFailed(
                "the build printed in too many pieces", tail(), "make the build print whole lines"))
        : Optional.empty();
  }
}
