package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The containers that a platform has made from now on, by the engine's own word. That it heard of
/// all of them it knows by one that it makes itself.
final class ContainerWatch implements AutoCloseable {
  private final List<String> labels;
  private final String image;
  private final Path heard;
  private final Process events;

  private ContainerWatch(List<String> labels, String image, Path heard) throws IOException {
    this.labels = labels;
    this.image = image;
    this.heard = heard;
    var argv = new ArrayList<>(List.of("docker", "events", "--format={{.ID}}"));
    var now = Instant.now();
    argv.add("--since=%d.%09d".formatted(now.getEpochSecond(), now.getNano()));
    argv.addAll(List.of("--filter=type=container", "--filter=event=create"));
    labels.forEach(label -> argv.add("--filter=label=" + label));
    this.events = new ProcessBuilder(argv).redirectOutput(heard.toFile()).start();
  }

  /// Of those with that label. The one to know it by is made of the image of a service of `stack`.
  static ContainerWatch of(TestPlatform platform, String label, String stack) throws IOException {
    var id = Platform.read(new DataFolder(platform.data)).id();
    var running = platform.containers(stack).getFirst();
    return new ContainerWatch(
        List.of("dev.widemesh.platform=" + id, label),
        docker(List.of("inspect", "--format={{.Image}}", running)).ok().out().strip(),
        Files.createTempFile(platform.folder, "made", ".events"));
  }

  /// The ids of all that were made before this is asked.
  List<String> made() throws IOException {
    var argv = new ArrayList<>(List.of("create"));
    labels.forEach(label -> argv.add("--label=" + label));
    argv.add(image);
    var last = docker(argv).ok().out().strip();
    try {
      Await.until("the engine tells", Duration.ofSeconds(30), () -> lines().anyMatch(last::equals));
      return lines().takeWhile(line -> !line.equals(last)).toList();
    } finally {
      docker(List.of("rm", "-f", last));
    }
  }

  private Stream<String> lines() throws IOException {
    return Files.readAllLines(heard).stream();
  }

  private static Shell.Result docker(List<String> words) {
    var argv = Stream.concat(Stream.of("docker"), words.stream()).toList();
    return Shell.run(Path.of("/"), Map.of(), argv);
  }

  @Override
  public void close() {
    events.destroyForcibly();
  }
}
