package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.lifecycle.BuildPlan.Requirement;
import dev.widemesh.builder.lifecycle.Contribution.LastImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/// Lets the chosen buildpacks build, one after another. Finds the container paused and leaves it
/// so: what it wrote is read only while nothing in it can change it.
final class BuildPhase {
  private final WorkFolders work;
  private final Transcript transcript;
  private final Deadline deadline;
  private final BuildLimits limits;
  private final BuildWatch watch;
  private final LastImage last;

  BuildPhase(
      WorkFolders work,
      Transcript transcript,
      Deadline deadline,
      BuildLimits limits,
      BuildWatch watch,
      LastImage last) {
    this.work = work;
    this.transcript = transcript;
    this.deadline = deadline;
    this.limits = limits;
    this.watch = watch;
    this.last = last;
  }

  List<Contribution> run(BuildContainer container, Selection selection, PhaseEnvironment base)
      throws IOException, InterruptedException, TimeoutException, BuildRefused {
    var environment = base.copy(false);
    var clear = base.copy(true);
    var contributions = new ArrayList<Contribution>();
    var guard = new Contained(work.layers());
    var open = selection;
    for (var buildpack : selection.buildpacks()) {
      runOne(container, buildpack, open, buildpack.clearEnvironment() ? clear : environment);
      container.pause();
      var contribution = Contribution.read(buildpack, work.layers(), last);
      for (var layer : contribution.layers()) {
        if (layer.build() && !layer.reused()) {
          EnvironmentFiles.addLayer(environment, layer.folder(), layer.inside(), guard);
          EnvironmentFiles.addLayer(clear, layer.folder(), layer.inside(), guard);
        }
      }
      open = open.metBy(buildpack, contribution.unmet());
      contributions.add(contribution);
    }
    return contributions;
  }

  private void runOne(
      BuildContainer container,
      Buildpack buildpack,
      Selection open,
      Map<String, String> environment)
      throws IOException, InterruptedException, TimeoutException, BuildRefused {
    var layers = "/layers/" + buildpack.escapedId();
    var plan = "/platform/" + writePlan(buildpack, open.planFor(buildpack)).getFileName();
    var own = new java.util.TreeMap<>(environment);
    own.put("CNB_BUILDPACK_DIR", buildpack.inside());
    own.put("CNB_LAYERS_DIR", layers);
    own.put("CNB_BP_PLAN_PATH", plan);
    var argv = List.of(buildpack.inside() + "/bin/build", layers, "/platform", plan);
    container.resume();
    var code = container.run(argv, own, transcript, deadline.left());
    if (code != 0) {
      var failure =
          new FailureReader.Failure(
              buildpack.name(),
              code,
              transcript.tail(),
              transcript.refusals(),
              watch.strain(),
              DiskSpace.of(work.root()));
      throw new BuildRefused(FailureReader.read(failure, limits));
    }
  }

  // Into the folder that the build cannot write to: it could have put a link in our way.
  private Path writePlan(Buildpack buildpack, List<Requirement> plan) throws IOException {
    var text = new StringBuilder();
    for (var need : plan) {
      text.append("[[entries]]\nname = ").append(TomlFile.quote(need.name())).append('\n');
      text.append(TomlFile.table("entries.metadata", need.metadata()));
    }
    var file = work.platform().resolve("plan-" + buildpack.escapedId() + ".toml");
    return Files.writeString(file, text);
  }
}
