package dev.widemesh.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Four apps, each built first, with a changed line and unchanged, by the builder (from `git push`)
/// and by `docker build` of a good Dockerfile of the same app, one after the other.
final class BuildBench {
  private static final Pattern MOVED = Pattern.compile("Moved (.+) in (\\d+) of (\\d+) layers");
  private static final Pattern DETECT = Pattern.compile("detect (\\d+) ms");

  private final Ground ground;
  private final int rounds;

  BuildBench(Ground ground, int rounds) {
    this.ground = ground;
    this.rounds = rounds;
  }

  /// Milliseconds: of the push, of the builder in it, of the peer; what the registry was sent.
  private record Run(String app, String change, long push, long build, long docker, String moved) {}

  void run() throws IOException, InterruptedException {
    var runs = new ArrayList<Run>();
    for (var sample : Sample.ALL) {
      runs.addAll(measure(sample.in(ground.folder)));
    }
    print(runs);
    printDetection();
  }

  private List<Run> measure(Sample sample) throws IOException, InterruptedException {
    var runs = new ArrayList<Run>();
    try (var docker = DockerBuild.of(sample)) {
      ground.makeStack(sample.name(), sample.app(), "--buildpack");
      runs.add(once(sample, "first build", docker));
      for (var round = 1; round <= rounds; round++) {
        sample.changeOneLine(round);
        ground.commit(sample.app(), "change " + round);
        runs.add(once(sample, "one line changed", docker));
        ground.commit(sample.app(), "nothing " + round);
        runs.add(once(sample, "nothing changed", docker));
      }
    }
    return runs;
  }

  private Run once(Sample sample, String change, DockerBuild docker)
      throws IOException, InterruptedException {
    var start = System.nanoTime();
    var said = ground.push(sample.app());
    var push = (System.nanoTime() - start) / 1_000_000;
    var moved = MOVED.matcher(said);
    var run =
        new Run(
            sample.shown(),
            change,
            push,
            building(sample),
            docker.run(),
            moved.find() ? moved.group() : "nothing built");
    System.out.printf(
        "%-22s %-17s push %6d ms, builder %6d ms, docker build %6d ms; %s%n",
        run.app, run.change, run.push, run.build, run.docker, run.moved);
    return run;
  }

  private long building(Sample sample) throws IOException, InterruptedException {
    for (var phase : ground.latest(sample.app()).path("phases")) {
      if (phase.path("name").asText().equals("building")) {
        return phase.path("millis").asLong();
      }
    }
    return 0;
  }

  private static void print(List<Run> runs) {
    System.out.printf(
        "%nMedians in ms; builder / docker build; what the registry was sent at last%n%n");
    System.out.printf(
        "%-22s %-17s %5s %8s %8s %8s %6s  %s%n",
        "", "", "runs", "push", "builder", "docker", "ratio", "");
    for (var app : runs.stream().map(Run::app).distinct().toList()) {
      for (var change : runs.stream().map(Run::change).distinct().toList()) {
        printMedians(
            runs.stream().filter(run -> run.app.equals(app) && run.change.equals(change)).toList());
      }
    }
  }

  private static void printMedians(List<Run> same) {
    var builder = Bench.median(same.stream().map(Run::build).toList());
    var docker = Bench.median(same.stream().map(Run::docker).toList());
    System.out.printf(
        Locale.ROOT,
        "%-22s %-17s %5d %8d %8d %8d %6.2f  %s%n",
        same.getFirst().app,
        same.getFirst().change,
        same.size(),
        Bench.median(same.stream().map(Run::push).toList()),
        builder,
        docker,
        (double) builder / docker,
        same.getLast().moved);
  }

  private void printDetection() throws IOException {
    var log = Files.readString(ground.data.resolve("logs/control.log"));
    var detections =
        DETECT.matcher(log).results().map(each -> Long.parseLong(each.group(1))).toList();
    System.out.printf(
        "%nDetection, every buildpack asked: median %d ms of %d, the longest %d ms%n",
        Bench.median(detections),
        detections.size(),
        detections.stream().mapToLong(Long::longValue).max().orElse(0));
  }
}
