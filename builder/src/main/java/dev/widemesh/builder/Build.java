package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.builder.Bases.Pair;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Lifecycle;
import dev.widemesh.builder.registry.Registry;
import dev.widemesh.model.Diagnosis;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/// Turns one claimed job into an image: what is the same for both formulas.
final class Build {

  /// What all builds share.
  record Tools(
      Sources sources,
      Bases bases,
      Lifecycle lifecycle,
      ImageExporter exporter,
      Registry registry) {}

  private final Tools tools;
  private final Job job;
  private final BuildOutput output;
  private final Consumer<Runnable> onCancel;

  Build(Tools tools, Job job, BuildOutput output, Consumer<Runnable> onCancel) {
    this.tools = tools;
    this.job = job;
    this.output = output;
    this.onCancel = onCancel;
  }

  Built run() throws IOException, InterruptedException, BuildRefused {
    requireFastForward();
    var formula = Formula.of(job, tools.sources());
    refuse(formula);
    var bases = tools.bases().get(output::detail);
    var inputs = inputs(formula, bases);
    var same = unchanged(inputs);
    if (same.isPresent()) {
      output.step("Image unchanged (same files, buildpacks and base image): nothing built");
      return same.get();
    }
    tools.lifecycle().requireSpace();
    return new BuildpackBuild(tools, job, output, onCancel).run(bases, inputs);
  }

  private void requireFastForward() throws IOException, BuildRefused {
    var tip = job.tip();
    if (tip == null || job.forced()) {
      return;
    }
    if (!tools.sources().descends(job.stackId(), job.commit(), tip)) {
      throw new BuildRefused(
          new Diagnosis.Outdated(
              "main moved to %s while this push waited"
                  .formatted(tip.substring(0, Math.min(7, tip.length()))),
              "git fetch widemesh, merge or rebase, and push again"));
    }
  }

  private static void refuse(Formula formula) throws BuildRefused {
    if (formula == Formula.DOCKERFILE) {
      throw BuildRefused.because(
          "Dockerfile builds are not supported yet",
          "remove the Dockerfile from the top folder, so that buildpacks build the app");
    }
  }

  /// Changes with anything that the image is made of.
  private String inputs(Formula formula, Pair bases) throws IOException {
    var tree = tools.sources().tree(job.stackId(), job.commit());
    return Sha256.of(
        String.join(
            "\n",
            formula.word(),
            tree,
            tools.lifecycle().fingerprint(),
            bases.run().reference(),
            bases.build().reference()));
  }

  private Optional<Built> unchanged(String inputs) {
    var previous = job.previous();
    if (previous == null || !previous.inputs().equals(inputs)) {
      return Optional.empty();
    }
    var at = previous.image().indexOf('@');
    var repository = previous.image().substring(0, Math.max(at, 0));
    var digest = previous.image().substring(at + 1);
    return tools.registry().has(repository, digest)
        ? Optional.of(
            new Built(
                previous.formula(),
                previous.image(),
                inputs,
                previous.entrypoint(),
                previous.processes(),
                previous.releaseCommand(),
                previous.port(),
                true))
        : Optional.empty();
  }
}
