package dev.widemesh.allinone;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "restart",
    description = {
      "Start processes anew, one after the other. Apps go on answering: a new router takes the"
          + " connections before the old one lets go of its own."
    })
final class Restart implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final List<String> PARTS = List.of("router", "rack-runner", "control");

  @Mixin private DataOption dataOption = new DataOption();

  @Parameters(
      paramLabel = "PART",
      arity = "0..*",
      description = "router, rack-runner or control; all three when none is named.")
  private List<String> parts = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Preflight.root("restart");
    var data = dataOption.folder();
    for (var part : parts) {
      if (!PARTS.contains(part)) {
        throw new Refused(
            "there is no part '%s' to restart".formatted(part), String.join(", ", PARTS));
      }
    }
    if (!data.exists() || Supervisor.pidFile(data).process().isEmpty()) {
      throw new Refused(
          "Widemesh is not up on " + data.root(), "./widemesh up --data %s".formatted(data.root()));
    }
    for (var part : parts.isEmpty() ? PARTS : parts) {
      restart(part, data);
    }
    return 0;
  }

  private static void restart(String part, DataFolder data) throws IOException {
    var file = PidFile.of(part, data);
    var before = file.process();
    before.ifPresent(ProcessHandle::destroy);
    var deadline = Instant.now().plus(LIMIT);
    while (file.process().isEmpty() || file.process().equals(before)) {
      if (Instant.now().isAfter(deadline)) {
        throw new Refused(
            "%s was not started anew within %d s".formatted(part, LIMIT.toSeconds()),
            "read " + data.logs().resolve(part + ".out"));
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
    Supervisor.awaitReady(data, Platform.read(data), List.of());
    System.out.println("%-12s restarted".formatted(part));
  }
}
