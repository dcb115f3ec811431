package dev.widemesh.controller;

import dev.widemesh.api.Views;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What somebody asked to change of a service: refused, or applied.
final class ServiceWish {
  private static final long LEAST_MEMORY = 16_000_000;
  private static final long MOST_MEMORY = 1_000_000_000_000L;
  private static final Pattern PATH = Pattern.compile("/[!-~]{0,499}");

  private ServiceWish() {}

  static void check(Views.UpdateService wish) {
    within("instances", wish.instances(), 0, 100);
    within("memory", wish.memoryBytes(), LEAST_MEMORY, MOST_MEMORY);
    within("port", wish.port(), 1, 65_535);
    within("grace", wish.graceSeconds(), 1, 3_600);
    within("ready-after", wish.readyAfterSeconds(), 1, 600);
    var cpus = wish.cpus();
    if (cpus != null && !(cpus >= 0.01 && cpus <= 256)) {
      throw Refusal.bad("bad-cpus", "cpus must be between 0.01 and 256", null);
    }
    var path = wish.healthPath();
    if (path != null && !path.isEmpty() && !PATH.matcher(path).matches()) {
      throw Refusal.bad(
          "bad-health-path", "a health path starts with '/' and has no spaces", "use e.g. /up");
    }
    if (wish.command() != null && wish.argv() != null) {
      throw Refusal.bad("two-commands", "give a command or argv, not both", null);
    }
    if (wish.argv() != null && wish.argv().isEmpty()) {
      throw Refusal.bad("no-command", "argv has no words", "give --command '' for the Procfile's");
    }
  }

  private static void within(String what, @Nullable Number value, long least, long most) {
    if (value != null && (value.longValue() < least || value.longValue() > most)) {
      throw Refusal.bad(
          "bad-" + what,
          "%s must be between %d and %d, not %s".formatted(what, least, most, value),
          null);
    }
  }

  static ServiceSettings apply(ServiceSettings now, Views.UpdateService wish) {
    var path = wish.healthPath();
    return new ServiceSettings(
        now.name(),
        command(now, wish),
        byHand(now, wish),
        or(wish.instances(), now.instances()),
        or(wish.memoryBytes(), now.memoryBytes()),
        or(wish.cpus(), now.cpus()),
        now.pids(),
        wish.port() == null ? now.port() : wish.port(),
        path == null ? now.healthPath() : path.isEmpty() ? null : path,
        or(wish.graceSeconds(), now.graceSeconds()),
        or(wish.readyAfterSeconds(), now.readyAfterSeconds()));
  }

  // Given back to the Procfile, the old command is shown until the deployment brought the new one.
  private static @Nullable Command command(ServiceSettings now, Views.UpdateService wish) {
    var line = wish.command();
    if (line != null) {
      return line.isEmpty() ? now.command() : Command.ofShell(line);
    }
    return wish.argv() == null ? now.command() : new Command(null, wish.argv());
  }

  private static boolean byHand(ServiceSettings now, Views.UpdateService wish) {
    if (wish.command() != null) {
      return !wish.command().isEmpty();
    }
    return wish.argv() != null || now.commandByHand();
  }

  /// Even if to the one that it has.
  static boolean setsCommand(Views.UpdateService wish) {
    return wish.command() != null || wish.argv() != null;
  }

  private static <T> T or(@Nullable T wished, T now) {
    return wished == null ? now : wished;
  }

  static void checkTogether(Views.UpdateService wish, ServiceSettings settings) {
    var port = settings.portOr(0);
    if (settings.healthPath() != null && port == 0) {
      throw Refusal.bad(
          "no-port", settings.name() + " has a health path but no port", "give --port as well");
    }
    if (wish.readyAfterSeconds() != null && port > 0) {
      throw Refusal.bad(
          "ready-after-with-port",
          "%s has a port: it is ready once that answers, not after a time"
              .formatted(settings.name()),
          "say with --health-path what must answer");
    }
  }

  /// A mere number of instances does not.
  static boolean needsNewInstances(ServiceSettings before, ServiceSettings after) {
    return before.commandByHand() != after.commandByHand()
        || !Objects.equals(before.command(), after.command())
        || before.memoryBytes() != after.memoryBytes()
        || before.cpus() != after.cpus()
        || before.graceSeconds() != after.graceSeconds()
        || before.readyAfterSeconds() != after.readyAfterSeconds()
        || !Objects.equals(before.port(), after.port())
        || !Objects.equals(before.healthPath(), after.healthPath());
  }
}
