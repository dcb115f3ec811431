package dev.widemesh.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A Node.js app with Express, and every way of changing it.
final class Subject {
  private final Ground ground;
  private final Path app;
  private int lines;

  private Subject(Ground ground) {
    this.ground = ground;
    this.app = ground.folder.resolve("app");
  }

  static Subject on(Ground ground) throws IOException, InterruptedException {
    var subject = new Subject(ground);
    Files.createDirectories(subject.app);
    for (var file : List.of("package.json", "server.js", ".gitignore")) {
      Files.copy(
          Ground.HOME.resolve("all-in-one/demo/hello-node").resolve(file),
          subject.app.resolve(file));
    }
    ground.makeStack("hello", subject.app);
    return subject;
  }

  Timing firstPush() throws IOException, InterruptedException {
    return timed("first push", "Hello, world", () -> ground.push(app));
  }

  Timing oneLineChange(int round) throws IOException, InterruptedException {
    var server = app.resolve("server.js");
    var marker = "Hello " + round + ",";
    ground.mesh(app, "stack", "config", "unset", "GREETING", "--no-restart");
    Files.writeString(
        server, Files.readString(server).replaceAll("'Hello[^']*'", "'" + marker + " world'"));
    ground.commit(app, "change " + ++lines);
    return timed("one-line change", marker, () -> ground.push(app));
  }

  /// Nothing new can answer: timed to the end of the push.
  Timing emptyCommit() throws IOException, InterruptedException {
    ground.commit(app, "empty");
    return timed("empty commit", "", () -> ground.push(app));
  }

  Timing configurationChange(int round) throws IOException, InterruptedException {
    var marker = "Greetings " + round;
    return timed(
        "configuration change",
        marker,
        () -> ground.mesh(app, "stack", "config", "set", "GREETING=" + marker));
  }

  Timing rollback() throws IOException, InterruptedException {
    return timed("rollback", "Hello", () -> ground.mesh(app, "rollback"));
  }

  private Timing timed(String what, String marker, Ground.Step step)
      throws IOException, InterruptedException {
    try (var probe = new FirstAnswer(Ground.ENVIRONMENT + "." + domain(), ground.http, marker)) {
      var whole = Ground.time(step);
      var answered = marker.isEmpty() ? whole : probe.await();
      System.out.printf("%-22s %6d ms%n", what, answered);
      return new Timing(what, answered, phases());
    }
  }

  private Map<String, Long> phases() throws IOException, InterruptedException {
    var phases = new HashMap<String, Long>();
    for (var phase : ground.latest(app).path("phases")) {
      phases.put(phase.path("name").asText(), phase.path("millis").asLong());
    }
    return phases;
  }

  /// Of the newest deployment: `<repository>@sha256:<hex>` behind the registry's address.
  String image() throws IOException, InterruptedException {
    return "127.0.0.1:"
        + ground.platform().path("registry").asInt()
        + "/"
        + ground.latest(app).path("image").asText();
  }

  private String domain() throws IOException {
    return ground.platform().path("domain").asText();
  }
}
