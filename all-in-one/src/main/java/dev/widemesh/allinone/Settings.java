package dev.widemesh.allinone;

import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.controller.ControllerConfig;
import dev.widemesh.rack.RackRunnerConfig;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Limits that the operator may move, by variables of the environment. What cannot be is refused
/// with the rule, before anything is started.
record Settings(Map<String, String> environment) {
  private static final Pattern TIME = Pattern.compile("(\\d{1,5})(s|m|h)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,7})(m|g)b?");
  private static final Pattern REGISTRY = Pattern.compile("[a-z0-9.-]{1,253}(:\\d{1,5})?");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,7}(\\.\\d{1,3})?");

  Settings {
    environment = Map.copyOf(environment);
  }

  static Settings ofThisProcess() {
    return new Settings(System.getenv());
  }

  void check() {
    var _ = readyWithin();
    var _ = builds();
    var _ = instanceDisk();
    var _ = registries();
  }

  /// How much one instance may write beside its image.
  long instanceDisk() {
    return bytes(
        "WIDEMESH_INSTANCE_DISK", RackRunnerConfig.INSTANCE_DISK, 100_000_000L, 1_000_000_000_000L);
  }

  /// What one build may use.
  BuildLimits builds() {
    var usual = BuildLimits.USUAL;
    return new BuildLimits(
        time("WIDEMESH_BUILD_TIME", usual.time(), Duration.ofSeconds(10), BuildLimits.LONGEST),
        bytes("WIDEMESH_BUILD_MEMORY", usual.memory(), 256_000_000L, 1_000_000_000_000L),
        number("WIDEMESH_BUILD_CPUS", usual.cpus(), 0.1, 1_000),
        (int) number("WIDEMESH_BUILD_PROCESSES", usual.processes(), 64, 100_000),
        bytes("WIDEMESH_BUILD_DISK", usual.written(), 100_000_000L, 1_000_000_000_000L),
        usual.printed());
  }

  /// How long new instances may take until they are ready.
  Duration readyWithin() {
    return time(
        "WIDEMESH_READY_WITHIN",
        ControllerConfig.READY_WITHIN,
        Duration.ofSeconds(5),
        Duration.ofHours(1));
  }

  /// Those that a Dockerfile may name in FROM although they are no public ones.
  Set<String> registries() {
    var name = "WIDEMESH_REGISTRIES";
    var all = new TreeSet<String>();
    for (var part : said(name).orElse("").split(",", -1)) {
      var registry = part.strip().toLowerCase(Locale.ROOT);
      if (!registry.isEmpty() && !REGISTRY.matcher(registry).matches()) {
        throw new Refused(
            "%s has '%s'".formatted(name, part),
            "give hosts with commas between, like registry.example.com or 10.0.0.5:5000");
      }
      all.add(registry);
    }
    all.remove("");
    return all;
  }

  private Optional<String> said(String name) {
    return Optional.ofNullable(environment.get(name)).filter(text -> !text.isBlank());
  }

  private Duration time(String name, Duration otherwise, Duration least, Duration most) {
    var said = said(name);
    if (said.isEmpty()) {
      return otherwise;
    }
    var match = TIME.matcher(said.get().strip().toLowerCase(Locale.ROOT));
    if (match.matches()) {
      var time = unit(match.group(2)).multipliedBy(Long.parseLong(match.group(1)));
      if (time.compareTo(least) >= 0 && time.compareTo(most) <= 0) {
        return time;
      }
    }
    throw new Refused(
        "%s is '%s'".formatted(name, said.get()),
        "give a time from %d s to %d min, like 90s or 15m"
            .formatted(least.toSeconds(), most.toMinutes()));
  }

  private long bytes(String name, long otherwise, long least, long most) {
    var said = said(name);
    if (said.isEmpty()) {
      return otherwise;
    }
    var match = SIZE.matcher(said.get().strip().toLowerCase(Locale.ROOT));
    if (match.matches()) {
      var factor = match.group(2).equals("g") ? 1_000_000_000L : 1_000_000L;
      var bytes = Long.parseLong(match.group(1)) * factor;
      if (bytes >= least && bytes <= most) {
        return bytes;
      }
    }
    throw new Refused(
        "%s is '%s'".formatted(name, said.get()),
        "give a size from %dm to %dg, like 512m or 4g"
            .formatted(least / 1_000_000, most / 1_000_000_000));
  }

  private double number(String name, double otherwise, double least, double most) {
    var said = said(name);
    if (said.isEmpty()) {
      return otherwise;
    }
    if (NUMBER.matcher(said.get().strip()).matches()) {
      var number = Double.parseDouble(said.get().strip());
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new Refused(
        "%s is '%s'".formatted(name, said.get()),
        String.format(Locale.ROOT, "give a number from %s to %s", plain(least), plain(most)));
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
  }

  private static Duration unit(String letter) {
    return switch (letter) {
      case "h" -> Duration.ofHours(1);
      case "m" -> Duration.ofMinutes(1);
      default -> Duration.ofSeconds(1);
    };
  }
}
