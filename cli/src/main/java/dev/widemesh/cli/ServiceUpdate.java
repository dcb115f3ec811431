package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.ServiceUpdated;
import dev.widemesh.api.Views.UpdateService;
import dev.widemesh.model.ServiceName;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@picocli.CommandLine.Command(
    footer = {
      "",
      "Examples:",
      "  mesh svc update web --instances 5",
      "  mesh svc update worker --command \"app queue\"",
      "  mesh svc update worker -- node queue.js --fast",
      "  mesh svc update worker --ready-after 10s"
    })
final class ServiceUpdate implements Command {
  private static final UpdateService NOTHING =
      new UpdateService(null, null, null, null, null, null, null, null, null);

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The service.")
  @Nullable String positional;

  @Option(
      names = {"-n", "--name", "--n"},
      paramLabel = "NAME",
      description = "The service.")
  @Nullable String named;

  @Option(names = "--instances", paramLabel = "N", description = "How many; 0 is allowed.")
  @Nullable Integer instances;

  @Option(
      names = "--command",
      paramLabel = "COMMAND",
      description =
          "Run through /bin/sh; empty gives it back to the Procfile. Or: -- PROGRAM ARG...")
  @Nullable String command;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = Memory.class,
      description = "The limit, e.g. 512m or 1g.")
  @Nullable Long memory;

  @Option(names = "--cpu", paramLabel = "CPUS", description = "The limit, e.g. 0.5.")
  @Nullable Double cpu;

  @Option(names = "--port", paramLabel = "PORT", description = "Where it listens, and its PORT.")
  @Nullable Integer port;

  @Option(
      names = "--health-path",
      paramLabel = "PATH",
      description = "Answers 2xx when ready, e.g. /up.")
  @Nullable String healthPath;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      converter = Since.class,
      description = "From SIGTERM to SIGKILL, e.g. 30s.")
  @Nullable Duration grace;

  @Option(
      names = "--ready-after",
      paramLabel = "TIME",
      converter = Since.class,
      description = "Without a port: ready once alive for that long, e.g. 10s; at first 1s.")
  @Nullable Duration readyAfter;

  @Mixin final Detach detach = new Detach();
  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  private @Nullable List<String> argv;

  @Override
  public void program(List<String> words) {
    if (words.isEmpty()) {
      throw Refusal.usage("no program stands after '--'", "mesh svc update NAME -- PROGRAM ARG...");
    }
    argv = List.copyOf(words);
  }

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var name = name();
    var change = change();
    var path = Route.UPDATE_SERVICE.with(target.environment(mesh), target.stack(mesh), name);
    var updated = mesh.controller().send("PATCH", path, change, ServiceUpdated.class);
    var deployment = updated.deployment();
    if (format.json) {
      mesh.terminal().json(updated);
      return ExitCode.OK;
    }
    mesh.say("Updated service %s (%d wanted).".formatted(name, updated.service().wanted()));
    return deployment == null ? ExitCode.OK : detach.end(mesh, deployment);
  }

  private String name() {
    if (positional != null && named != null) {
      throw Refusal.usage("the service is named twice", "give its name once");
    }
    var name =
        Optional.ofNullable(positional)
            .or(() -> Optional.ofNullable(named))
            .orElseThrow(() -> Refusal.usage("which service?", "mesh svc update NAME ..."));
    Target.check(ServiceName.refusal(name));
    return name;
  }

  private UpdateService change() {
    if (command != null && argv != null) {
      throw Refusal.usage("there are two commands", "either --command, or -- PROGRAM ARG...");
    }
    if (instances != null && instances < 0) {
      throw Refusal.usage("there cannot be %d instances".formatted(instances), "0 or more");
    }
    var change =
        new UpdateService(
            instances,
            command,
            argv,
            memory,
            cpu,
            port,
            healthPath,
            seconds(grace),
            seconds(readyAfter));
    if (change.equals(NOTHING)) {
      throw Refusal.usage("what is to change?", "mesh svc update --help");
    }
    return change;
  }

  // What is too long for a number the controller refuses as it refuses the longest number.
  private static @Nullable Integer seconds(@Nullable Duration time) {
    return time == null ? null : Math.clamp(time.toSeconds(), 0, Integer.MAX_VALUE);
  }
}
