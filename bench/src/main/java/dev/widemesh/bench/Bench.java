package dev.widemesh.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// `./widemesh bench [ROUNDS]`: a platform of its own in a temporary folder, a Node.js app with
/// Express, and every way of changing it, each timed to the first answer of the new version.
/// `./widemesh bench build [ROUNDS]`: the builder beside Docker's.
public final class Bench {
  private static final int ROUNDS = 5;

  /// After which the processes have given back what the pushes left in their heaps.
  private static final Duration REST = Duration.ofSeconds(75);

  private final Ground ground;
  private final Subject subject;
  private final int rounds;

  private Bench(Ground ground, Subject subject, int rounds) {
    this.ground = ground;
    this.subject = subject;
    this.rounds = rounds;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    var build = args.length > 0 && args[0].equals("build");
    var rest = List.of(args).subList(build ? 1 : 0, args.length);
    if (rest.size() > 1 || !rest.stream().allMatch(word -> word.matches("[1-9]\\d?"))) {
      System.err.println(
          "widemesh: bench takes a number of rounds, 1 to 99, after 'build' if at all");
      System.err.println("  try: ./widemesh bench 5");
      System.exit(2);
    }
    var rounds = rest.isEmpty() ? ROUNDS : Integer.parseInt(rest.getFirst());
    try (var ground = Ground.start()) {
      if (build) {
        new BuildBench(ground, rounds).run();
      } else {
        new Bench(ground, Subject.on(ground), rounds).run();
      }
    }
  }

  private void run() throws IOException, InterruptedException {
    var results = new ArrayList<Timing>();
    results.add(subject.firstPush());
    for (var round = 1; round <= rounds; round++) {
      results.add(subject.oneLineChange(round));
      results.add(subject.emptyCommit());
      results.add(subject.configurationChange(round));
      results.add(subject.rollback());
    }
    var floor = new Floor(subject.image());
    var floors = new ArrayList<Long>();
    for (var round = 0; round < rounds; round++) {
      floors.add(floor.createToFirstAnswer());
    }
    print(results, median(floors));
    printMemory();
    printCli();
  }

  private static void print(List<Timing> results, long floor) {
    System.out.printf(
        "%nTo the first answer of the new version, median (floor: bare docker create and start to"
            + " the first answer of the same image, %d ms)%n%n",
        floor);
    System.out.printf(
        "%-22s %5s %9s %8s  %s%n", "", "runs", "ms", "x floor", "share of each phase");
    for (var what : results.stream().map(Timing::what).distinct().toList()) {
      var same = results.stream().filter(timing -> timing.what().equals(what)).toList();
      var total = median(same.stream().map(Timing::millis).toList());
      System.out.printf(
          Locale.ROOT,
          "%-22s %5d %9d %8.1f  %s%n",
          what,
          same.size(),
          total,
          (double) total / floor,
          Timing.shares(same));
    }
  }

  private void printMemory() throws IOException, InterruptedException {
    Thread.sleep(REST);
    System.out.printf("%nMemory at rest (PSS), %d s after the last push%n%n", REST.toSeconds());
    var sum = 0L;
    for (var part : List.of("supervisor", "control", "rack-runner", "router", "postgres")) {
      var bytes = Memory.of(ground.pid(part));
      sum += bytes;
      System.out.printf("%-22s %9d MB%n", part, bytes / 1_000_000);
    }
    System.out.printf("%-22s %9d MB%n", "in all", sum / 1_000_000);
  }

  private void printCli() throws IOException, InterruptedException {
    var mesh = new ArrayList<Long>();
    var floor = new ArrayList<Long>();
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    for (var round = 0; round < 2 * rounds; round++) {
      mesh.add(Ground.time(() -> ground.mesh(Path.of("/"), "--version")));
      floor.add(
          Ground.time(
              () ->
                  Ground.must(
                      Path.of("/"),
                      ground.environment(),
                      java,
                      "-XX:+UseSerialGC",
                      "-XX:TieredStopAtLevel=1",
                      "-version")));
    }
    System.out.printf(
        Locale.ROOT,
        "%nStart of the CLI: mesh --version %d ms, java -version %d ms (%.1f x)%n",
        median(mesh),
        median(floor),
        (double) median(mesh) / median(floor));
  }

  static long median(List<Long> values) {
    var sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
