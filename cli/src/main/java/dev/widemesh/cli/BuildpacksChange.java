package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Buildpacks;
import dev.widemesh.api.Views.ChangeBuildpacks;
import dev.widemesh.model.BuildpackReference;
import java.util.List;
import picocli.CommandLine.Mixin;

/// What the commands that change a stack's list of buildpacks have in common.
final class BuildpacksChange {
  static final String REFERENCE =
      "An id (widemesh/nodejs), a folder of the repository (./buildpacks/mine), a git repository"
          + " (https://host/repo.git#v1), an archive (https://host/file.tgz), or an image"
          + " (docker://host/image:1).";

  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  ExitCode send(Session mesh, ChangeBuildpacks wish) {
    var path = Route.CHANGE_BUILDPACKS.with(target.environment(mesh), target.stack(mesh));
    var after = mesh.controller().send("PATCH", path, wish, Buildpacks.class);
    if (format.json) {
      mesh.terminal().json(after);
      return ExitCode.OK;
    }
    if (after.references().isEmpty()) {
      mesh.say("The platform's own buildpacks are asked from the next push on.");
    } else {
      BuildpacksList.print(mesh.terminal(), after);
      mesh.note("From the next push on.");
    }
    return ExitCode.OK;
  }

  static List<String> checked(List<String> references, String usage) {
    if (references.isEmpty()) {
      throw Refusal.usage("which buildpack?", usage);
    }
    check(references);
    return references;
  }

  static void check(List<String> references) {
    for (var reference : references) {
      BuildpackReference.refusal(reference)
          .ifPresent(
              words -> {
                throw Refusal.usage(words, BuildpackReference.nextStep(reference));
              });
    }
  }
}
