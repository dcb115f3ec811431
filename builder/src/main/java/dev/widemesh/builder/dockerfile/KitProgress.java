package dev.widemesh.builder.dockerfile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.api.OutputLine.Draft;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What BuildKit says while it builds (`--progress=rawjson`): passed on as steps and details, the
/// last lines kept as evidence.
final class KitProgress implements Consumer<String>, Printed {
  private static final Pattern STEP =
      Pattern.compile("\\[[^\\]]* ?\\d+/\\d+] (.*)", Pattern.DOTALL);
  private static final Pattern LINE = Pattern.compile("Dockerfile:(\\d{1,6})");
  private static final int KEPT = 20;
  private static final int LONGEST = 4_000;
  private static final int MOST_STEPS = 2_000;

  private final Consumer<Draft> output;
  private final Map<String, String> steps = new HashMap<>();
  private final Set<String> told = new HashSet<>();
  private final Deque<String> tail = new ArrayDeque<>();
  private final Deque<String> words = new ArrayDeque<>();
  private final ByteArrayOutputStream open = new ByteArrayOutputStream();
  private String current = "";
  private long printed;
  private int failedLine;

  KitProgress(Consumer<Draft> output) {
    this.output = output;
  }

  /// One line: a status in JSON, or words of the program itself.
  @Override
  public synchronized void accept(String line) {
    printed += line.length();
    if (!line.startsWith("{")) {
      own(line);
      return;
    }
    try {
      var status = Json.MAPPER.readTree(line);
      status.path("vertexes").forEach(this::vertex);
      for (var log : status.path("logs")) {
        log(log.path("vertex").asText(), log.path("data").binaryValue());
      }
    } catch (IOException _) {
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

  private void log(String digest, byte @Nullable [] data) {
    // That it began may be said after what it prints.
    if (steps.containsKey(digest) && (told.add(digest) || !digest.equals(current))) {
      begin(digest);
    }
    for (var b : data == null ? new byte[0] : data) {
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
}
