package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.StackBuilder;
import dev.widemesh.model.ImageReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class StackSetBuilder implements Command {
  @Parameters(
      arity = "0..1",
      paramLabel = "IMAGE",
      description =
          "A builder of Cloud Native Buildpacks: heroku/builder:24,"
              + " paketobuildpacks/builder-jammy-base, ghcr.io/ada/builder:1.")
  @Nullable String image;

  @Option(names = "--none", description = "Build it with the platform's own buildpacks again.")
  boolean none;

  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    if (none == (image != null)) {
      throw Refusal.usage(
          none ? "--none and a builder exclude each other" : "which builder?",
          "mesh stack set-builder heroku/builder:24, or --none for the platform's own buildpacks");
    }
    if (image != null) {
      Target.check(ImageReference.refusal(image), "write it like heroku/builder:24");
    }
    var path = Route.CHANGE_BUILDER.with(target.environment(mesh), target.stack(mesh));
    var after = mesh.controller().send("PUT", path, new StackBuilder(image), StackBuilder.class);
    if (format.json) {
      mesh.terminal().json(after);
    } else {
      mesh.say(
          after.image() == null
              ? "The platform's own buildpacks are asked from the next push on."
              : "%s builds it from the next push on.".formatted(after.image()));
    }
    return ExitCode.OK;
  }
}
