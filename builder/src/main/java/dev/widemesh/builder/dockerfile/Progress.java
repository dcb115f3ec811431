package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.OutputLine.Draft;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// What the engine says while it builds: passed on as steps and details, the last lines kept as
/// evidence. What a step prints may look like the engine's own words, so nothing is decided by them
/// but what is shown.
final class Progress implements Printed {
  private static final Pattern STEP = Pattern.compile("Step (\\d{1,4})/\\d{1,4} : .*");
  private static final Pattern IMAGE = Pattern.compile(" ---> ([0-9a-f]{12})");
  private static final Pattern CHATTER =
      Pattern.compile(
          " ---> Running in \\p{XDigit}+|Removing intermediate container \\p{XDigit}+"
              + "|Successfully (built|tagged) .*|\\[Warning] .*not consumed.*"
              + "|Sending build context.*");
  private static final int KEPT = 20;
  private static final int LONGEST = 4_000;
  private static final int MOST_IMAGES = 2_000;

  private final List<Optional<Instruction>> steps;
  private final Consumer<Draft> output;
  private final Semaphore signals = new Semaphore(0);
  private final Deque<String> tail = new ArrayDeque<>();
  private final Set<String> images = new HashSet<>();
  private final StringBuilder open = new StringBuilder();
  private Optional<Instruction> current = Optional.empty();
  private Optional<String> error = Optional.empty();
  private long printed;

  Progress(List<Optional<Instruction>> steps, Consumer<Draft> output) {
    this.steps = steps;
    this.output = output;
  }

  /// Returns once a step may have got its container, and at the latest after that time.
  void awaitContainer(Duration atMost) throws InterruptedException {
    if (signals.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      signals.drainPermits();
    }
  }

  synchronized void fail(String words) {
    error = Optional.of(words.strip());
  }

  /// A piece of text, cut anywhere.
  synchronized void accept(String text) {
    printed += text.length();
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (c == '\n' || open.length() >= LONGEST) {
        line(open.toString().stripTrailing());
        open.setLength(0);
      }
      if (c != '\n') {
        open.append(c);
      }
    }
  }

  private void line(String line) {
    var step = STEP.matcher(line);
    var image = IMAGE.matcher(line);
    if (step.matches()) {
      step(Integer.parseInt(step.group(1)));
    } else if (image.matches()) {
      if (images.size() < MOST_IMAGES) {
        images.add(image.group(1));
      }
    } else if (line.equals(" ---> Using cache")) {
      current.ifPresent(_ -> output.accept(Draft.detail("cached")));
    } else if (CHATTER.matcher(line).matches()) {
      signals.release();
    } else if (current.isPresent()) {
      output.accept(Draft.detail(line));
      keep(line);
    }
  }

  private void step(int number) {
    current = number >= 1 && number <= steps.size() ? steps.get(number - 1) : Optional.empty();
    current.ifPresent(
        instruction -> {
          output.accept(Draft.step(instruction.shown()));
          tail.clear();
        });
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

  @Override
  public synchronized List<String> tail() {
    return List.copyOf(tail);
  }

  synchronized Optional<Instruction> current() {
    return current;
  }

  synchronized Optional<String> error() {
    return error;
  }

  @Override
  public synchronized long printed() {
    return printed;
  }

  /// The beginnings of the ids of all images that the steps led to.
  synchronized Set<String> images() {
    return Set.copyOf(images);
  }
}
