package dev.widemesh.builder.lifecycle;

import dev.widemesh.api.OutputLine.Draft;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/// What buildpacks print: passed on as steps and details, the last lines kept as evidence. Refusals
/// are kept back: they become the cause.
final class Transcript implements Consumer<String> {
  static final String STEP = "-----> ";
  static final String REFUSAL = " !     ";
  private static final String DETAIL = "       ";
  private static final int KEPT = 20;

  private final Consumer<Draft> output;
  private final Deque<String> tail = new ArrayDeque<>();
  private final List<String> refusals = new ArrayList<>();
  private long bytes;

  Transcript(Consumer<Draft> output) {
    this.output = output;
  }

  @Override
  public synchronized void accept(String raw) {
    bytes += raw.length() + 1L;
    var line = raw.stripTrailing();
    if (line.startsWith(REFUSAL)) {
      refuse(line.substring(REFUSAL.length()));
      return;
    }
    if (line.startsWith(STEP)) {
      output.accept(Draft.step(line.substring(STEP.length())));
    } else {
      output.accept(Draft.detail(withoutIndent(line)));
    }
    keep(withoutIndent(line));
  }

  private void refuse(String line) {
    if (refusals.size() < KEPT) {
      refusals.add(line);
    }
  }

  private void keep(String line) {
    if (line.isBlank()) {
      return;
    }
    tail.addLast(line);
    if (tail.size() > KEPT) {
      tail.removeFirst();
    }
  }

  private static String withoutIndent(String line) {
    return line.startsWith(DETAIL) ? line.substring(DETAIL.length()) : line;
  }

  /// How much was printed, kept or not.
  synchronized long bytes() {
    return bytes;
  }

  synchronized List<String> tail() {
    return List.copyOf(tail);
  }

  synchronized List<String> refusals() {
    return List.copyOf(refusals);
  }
}
