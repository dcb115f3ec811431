package dev.widemesh.cli;

import dev.widemesh.model.SourcePath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How a deployment is built, where the stack does not say it, or otherwise.
final class DeployFormula {
  @Option(
      names = "--buildpack",
      arity = "0..1",
      fallbackValue = OwnBuildpack.NONE,
      preprocessor = OwnBuildpack.class,
      paramLabel = "REF",
      description =
          "Build it with buildpacks, this once. With REF (again for each, in their order) with those;"
              + " once they built it the stack has them, as after mesh stack buildpacks set.")
  @Nullable List<String> buildpacks;

  @Option(
      names = "--dockerfile",
      arity = "0..1",
      fallbackValue = OwnDockerfile.USUAL,
      preprocessor = OwnDockerfile.class,
      paramLabel = "PATH",
      description = "Build it with its Dockerfile, or with the one that lies there, this once.")
  @Nullable String dockerfile;

  @Mixin final StageOption stage = new StageOption();

  boolean isChosen() {
    return buildpacks != null || dockerfile != null || stage.stage != null;
  }

  boolean namesDockerfile() {
    return dockerfile != null;
  }

  /// As those of `git push -o`. Refuses what cannot be.
  List<String> options() {
    if (buildpacks != null && dockerfile != null) {
      throw Refusal.usage("--buildpack and --dockerfile exclude each other", "give one of them");
    }
    var options = new ArrayList<String>();
    if (buildpacks != null) {
      options.add("formula=buildpack");
      var named = buildpacks.stream().filter(each -> !each.equals(OwnBuildpack.NONE)).toList();
      BuildpacksChange.check(named);
      named.forEach(each -> options.add("buildpack=" + each));
    }
    if (dockerfile != null) {
      Target.check(SourcePath.refusal(dockerfile), "write it like docker/web.Dockerfile");
      options.add("formula=dockerfile");
      options.add("dockerfile=" + dockerfile);
    }
    var target = stage.chosen(buildpacks != null);
    if (target != null) {
      options.add("target=" + target);
    }
    return options;
  }
}
