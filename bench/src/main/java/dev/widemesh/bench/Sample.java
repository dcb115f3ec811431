package dev.widemesh.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// One of the apps in `bench/samples`, copied to where it is changed.
record Sample(String name, String shown, String changed, Path folder) {
  private static final Path SAMPLES = Ground.HOME.resolve("bench/samples");

  static final List<Sample> ALL =
      List.of(
          new Sample("nodejs", "Node.js, 200 packages", "server.js", SAMPLES),
          new Sample("spring-boot", "Spring Boot", "src/main/java/sample/Sample.java", SAMPLES),
          new Sample("flask", "Flask", "app.py", SAMPLES),
          new Sample("go", "Go", "main.go", SAMPLES));

  /// As it is first, in a folder of its own.
  Sample in(Path parent) throws IOException {
    var copy = new Sample(name, shown, changed, Files.createDirectory(parent.resolve(name)));
    var from = SAMPLES.resolve(name);
    try (var tree = Files.walk(from)) {
      for (var path : (Iterable<Path>) tree.filter(each -> !each.equals(from))::iterator) {
        Files.copy(path, copy.folder.resolve(from.relativize(path)));
      }
    }
    return copy;
  }

  Path app() {
    return folder.resolve("app");
  }

  /// What the image that a Dockerfile begins with has besides the system.
  List<String> packages() throws IOException {
    try (var words = Stream.of(Files.readString(folder.resolve("packages")).split("\\s+"))) {
      return words.filter(word -> !word.isEmpty()).toList();
    }
  }

  void changeOneLine(int round) throws IOException {
    var file = app().resolve(changed);
    var before = Files.readString(file);
    var after = before.replaceAll("Hello \\d+", "Hello " + round);
    if (after.equals(before)) {
      throw new IOException(file + " has no other 'Hello " + round + "'");
    }
    Files.writeString(file, after);
  }
}
