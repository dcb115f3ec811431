package dev.widemesh.controller;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.api.rack.InstanceSpec.Readiness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Decides what the services of a deployment are. Knows neither clock nor database.
final class ServicePlan {
  private static final long RELEASE_MEMORY = 512_000_000;

  private ServicePlan() {}

  /// Where the deployment belongs, and what its instances are told of it.
  record Place(
      String environmentId,
      String environment,
      String stack,
      String label,
      @Nullable String commit,
      boolean dockerfile) {}

  record Planned(
      String service,
      String kind,
      Command command,
      boolean byHand,
      String fingerprint,
      InstanceSpec spec) {}

  /// One service per process type. A command set by hand wins over the Procfile's; `restored` (of a
  /// rollback) over both.
  static List<Planned> plan(
      Place place,
      BuildWire.Built built,
      Map<String, String> configuration,
      Map<String, ServiceSettings> settings,
      Map<String, ServiceSettings> restored) {
    return built.processes().stream()
        .map(
            process -> {
              var name = process.type();
              var ours = settings.getOrDefault(name, ServiceSettings.defaults(name));
              var commands = restored.getOrDefault(name, ours);
              return planned(place, built, configuration, ours, commands, process);
            })
        .toList();
  }

  private static Planned planned(
      Place place,
      BuildWire.Built built,
      Map<String, String> configuration,
      ServiceSettings settings,
      ServiceSettings commands,
      BuildWire.ProcessType process) {
    var byHand = commands.commandByHand() && commands.command() != null;
    var command = byHand && commands.command() != null ? commands.command() : Command.of(process);
    var port = settings.portOr(built.port());
    var spec =
        new InstanceSpec(
            built.image(),
            command.words(built.entrypoint()),
            environment(place, settings.name(), port, configuration),
            port,
            readiness(port, settings),
            settings.memoryBytes(),
            settings.cpus(),
            settings.pids(),
            settings.graceSeconds(),
            place.dockerfile());
    var fingerprint = Fingerprint.of(place, settings.name(), spec);
    return new Planned(settings.name(), settings.kind(), command, byHand, fingerprint, spec);
  }

  private static Readiness readiness(int port, ServiceSettings settings) {
    if (port == 0) {
      return new Readiness(Readiness.Kind.ALIVE, null, settings.readyAfterSeconds());
    }
    var healthPath = settings.healthPath();
    return healthPath == null
        ? new Readiness(Readiness.Kind.PORT, null, 0)
        : new Readiness(Readiness.Kind.HTTP, healthPath, 0);
  }

  /// What those of a deployment take to get ready even where nothing is slow.
  static Duration atLeast(List<InstanceSpec> specs) {
    var longest =
        specs.stream().mapToDouble(spec -> spec.readiness().aliveSeconds()).max().orElse(0);
    return Duration.ofMillis((long) (longest * 1_000));
  }

  private static Map<String, String> environment(
      Place place, String service, int port, Map<String, String> configuration) {
    var all = new TreeMap<>(configuration);
    if (port > 0) {
      all.put("PORT", Integer.toString(port));
    }
    all.put("WIDEMESH_ENV", place.environment());
    all.put("WIDEMESH_STACK", place.stack());
    all.put("WIDEMESH_SERVICE", service);
    all.put(Fingerprint.DEPLOYMENT, place.label());
    if (place.commit() != null) {
      all.put(Fingerprint.COMMIT, place.commit());
    }
    return all;
  }

  /// The release command, in the new image, with what its services would get.
  static InstanceSpec release(
      Place place, BuildWire.Built built, String command, Map<String, String> configuration) {
    return new InstanceSpec(
        built.image(),
        Command.ofShell(command).words(built.entrypoint()),
        environment(place, "release", 0, configuration),
        0,
        new Readiness(Readiness.Kind.ALIVE, null, 0),
        RELEASE_MEMORY,
        1.0,
        512,
        30,
        place.dockerfile());
  }
}
