package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Config;
import dev.widemesh.api.Views.ConfigEntry;
import dev.widemesh.model.Nearest;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

final class ConfigGet implements Command {
  @Parameters(paramLabel = "K", description = "The name of the value.")
  String name = "";

  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var stack = target.stack(mesh);
    var path = Route.GET_CONFIG.with(target.environment(mesh), stack);
    var entry = find(mesh.controller().get(path, Config.class), stack);
    var value = entry.value();
    if (format.json) {
      mesh.terminal().json(entry);
    } else if (value == null) {
      throw new Refusal(
          ExitCode.REFUSED,
          name + " is secret: nobody can read it back",
          "set it anew: mesh config set --secret " + name + "=...");
    } else {
      mesh.say(value);
    }
    return ExitCode.OK;
  }

  private ConfigEntry find(Config config, String stack) {
    return config.entries().stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(config, stack));
  }

  private Refusal unknown(Config config, String stack) {
    var names = config.entries().stream().map(ConfigEntry::name).toList();
    return new Refusal(
        ExitCode.NOT_FOUND,
        "%s has no value %s".formatted(stack, name),
        Nearest.to(name, names).map(near -> "mesh config get " + near).orElse("mesh config ls"));
  }
}
