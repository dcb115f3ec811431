package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.ChangeConfig;
import dev.widemesh.api.Views.ConfigChanged;
import dev.widemesh.model.BuildSetting;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What all commands that change the configuration share: where, whether to restart, and the wait.
final class ConfigChange {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");

  @Option(names = "--no-restart", description = "Only store: the next deployment brings it.")
  boolean noRestart;

  @Mixin final Detach detach = new Detach();
  @Mixin final Target target = new Target();

  static String checkedName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw Refusal.usage(
          "'%s' is not the name of a value: letters, digits and _, no digit first".formatted(name),
          "write it like DATABASE_URL=postgresql://...");
    }
    return name;
  }

  ExitCode set(Session mesh, Map<String, String> values, boolean secret) throws IOException {
    return send(mesh, new ChangeConfig(values, List.of(), secret, !noRestart), values.keySet());
  }

  ExitCode unset(Session mesh, List<String> names) throws IOException {
    return send(mesh, new ChangeConfig(Map.of(), names, false, !noRestart), names);
  }

  private ExitCode send(Session mesh, ChangeConfig change, Collection<String> names)
      throws IOException {
    var path = Route.CHANGE_CONFIG.with(target.environment(mesh), target.stack(mesh));
    var changed = mesh.controller().send("PATCH", path, change, ConfigChanged.class);
    if (changed.changed() == 0) {
      mesh.say("Nothing changed.");
      return ExitCode.OK;
    }
    mesh.say(
        "Changed %d value%s (configuration %d)."
            .formatted(changed.changed(), changed.changed() == 1 ? "" : "s", changed.version()));
    noteBuilds(mesh, names, Boolean.TRUE.equals(change.secret()));
    var deployment = changed.deployment();
    if (deployment == null) {
      mesh.note("Stored: the next deployment brings it.");
      return ExitCode.OK;
    }
    return detach.end(mesh, deployment);
  }

  /// What builds are told gets into an image when one is built, and not when instances start anew.
  private static void noteBuilds(Session mesh, Collection<String> names, boolean secret) {
    var told = names.stream().filter(BuildSetting::isNamed).sorted().toList();
    if (!told.isEmpty()) {
      mesh.note(
          (secret
                  ? "Builds with buildpacks are told no secrets: set %s without --secret for them."
                  : "Builds with buildpacks are told %s: the next push or mesh deploy brings it.")
              .formatted(String.join(", ", told)));
    }
  }
}
