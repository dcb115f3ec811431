package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.builder.Bases.Pair;
import dev.widemesh.builder.Making.Material;
import dev.widemesh.builder.dockerfile.DockerfileBuilds;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Lifecycle;
import dev.widemesh.builder.registry.Registry;
import dev.widemesh.builder.supply.Supply;
import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Turns one claimed job into an image: what is the same for both formulas.
final class Build {

  /// What all builds share.
  record Tools(
      Sources sources,
      Supply supply,
      Bases bases,
      Lifecycle lifecycle,
      DockerfileBuilds dockerfiles,
      ImageExporter exporter,
      Registry registry,
      Set<String> registries,
      CertificateImage certificates,
      BuildSecrets secrets,
      Makings makings) {
    Tools below(SourcePath root) {
      return new Tools(
          root.isTop() ? sources : sources.below(root),
          supply,
          bases,
          lifecycle,
          dockerfiles,
          exporter,
          registry,
          registries,
          certificates,
          secrets,
          makings);
    }
  }

  private final Tools tools;
  private final String claim;
  private final Job job;
  private final SourcePath root;
  private final BuildOutput output;
  private final Consumer<Runnable> onCancel;
  private final Instant started = Instant.now();

  Build(Tools tools, String claim, Job job, BuildOutput output, Consumer<Runnable> onCancel) {
    this.root = new SourcePath(job.root());
    this.tools = tools.below(root);
    this.claim = claim;
    this.job = job;
    this.output = output;
    this.onCancel = onCancel;
  }

  Built run() throws IOException, InterruptedException, BuildRefused {
    try {
      return built();
    } catch (SourceRefused e) {
      throw BuildRefused.because(String.valueOf(e.getMessage()), e.nextStep());
    }
  }

  private Built built() throws IOException, InterruptedException, BuildRefused {
    var image = job.image();
    if (image != null) {
      tools.lifecycle().requireSpace();
      return dockerfile().take(tools.bases().get(output::detail), image);
    }
    requireFastForward();
    if (!root.isTop()) {
      output.detail("The app is the folder " + root);
    }
    var formula = Formula.of(job, tools.sources());
    mention(formula);
    var builder = job.builder();
    if (formula == Formula.BUILDPACK && builder != null) {
      return built(new StockBuild(tools, claim, job, builder, output, onCancel));
    }
    var bases = tools.bases().get(output::detail);
    if (formula == Formula.DOCKERFILE) {
      return run(formula, bases, new JobBuildpacks(List.of()));
    }
    try (var deliveries = tools.supply().begin(job.stackId(), job.logins())) {
      if (!job.buildpacks().isEmpty()) {
        onCancel.accept(deliveries::stop);
        tools.lifecycle().requireSpace();
      }
      return noted(run(formula, bases, JobBuildpacks.get(job, deliveries, output)), bases);
    }
  }

  /// What came of buildpacks, in whichever way.
  private Built noted(Built built, Pair bases) throws IOException {
    if (!built.reused()) {
      var materials = new ArrayList<Material>();
      materials.add(Making.base(bases.run().reference()));
      materials.add(Making.base(bases.build().reference()));
      materials.addAll(Making.buildpacks(built.used(), tools.lifecycle().fingerprint()));
      var making = Making.of(Formula.BUILDPACK, job, materials, started);
      tools.makings().keep(built.image(), making);
    }
    return built;
  }

  private Built built(StockBuild build) throws IOException, InterruptedException, BuildRefused {
    tools.lifecycle().requireSpace();
    return build.with(
        stock -> {
          var tree = tools.sources().tree(job.stackId(), job.commit());
          var inputs = build.fingerprint(stock, tree);
          var same = unchanged(inputs);
          if (same.isPresent()) {
            tellUnchanged("builder");
            return same.get();
          }
          var built = build.run(stock, inputs);
          var making = Making.of(Formula.BUILDPACK, job, stock.materials(), started);
          tools.makings().keep(built.image(), making);
          return built;
        });
  }

  private void tellUnchanged(String means) {
    output.step(
        "Image unchanged (same files%s, %s and base image): nothing built"
            .formatted(root.isTop() ? "" : " in " + root, means));
  }

  private Built run(Formula formula, Pair bases, JobBuildpacks buildpacks)
      throws IOException, InterruptedException, BuildRefused {
    var frame = frame(formula, bases, buildpacks);
    var inputs = Sha256.of(frame + "\n" + tools.sources().tree(job.stackId(), job.commit()));
    var same = unchanged(inputs);
    if (same.isPresent()) {
      tellUnchanged("buildpacks");
      return same.get();
    }
    tools.lifecycle().requireSpace();
    return switch (formula) {
      case BUILDPACK -> withBuildpacks(bases, frame, inputs, buildpacks);
      case DOCKERFILE -> dockerfile().run(bases, inputs);
    };
  }

  private Built withBuildpacks(Pair bases, String frame, String inputs, JobBuildpacks buildpacks)
      throws IOException, InterruptedException, BuildRefused {
    var patched = new PatchBuild(tools, claim, job, output, onCancel).run(bases, frame, inputs);
    return patched.isPresent()
        ? patched.get()
        : new BuildpackBuild(tools, claim, job, output, onCancel)
            .run(bases, frame, inputs, buildpacks);
  }

  private DockerfileBuild dockerfile() {
    return new DockerfileBuild(tools, claim, job, output, onCancel);
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

  /// The choice sticks, and somebody may wonder.
  private void mention(Formula formula) throws IOException {
    if (formula == Formula.DOCKERFILE && !job.buildpacks().isEmpty()) {
      output.detail("The buildpacks that the stack names are not used: a Dockerfile needs none");
    }
    if (formula == Formula.DOCKERFILE && job.builder() != null) {
      output.detail("The builder that the stack names is not used: a Dockerfile needs none");
    }
    if (formula == Formula.BUILDPACK
        && tools.sources().file(job.stackId(), job.commit(), job.dockerfile(), 0).isPresent()) {
      output.detail("The Dockerfile is not used: this stack is built with buildpacks");
    }
  }

  /// Changes with anything that the image is made of beside the app's files.
  private String frame(Formula formula, Pair bases, JobBuildpacks buildpacks) {
    return Sha256.of(
        String.join(
            "\n",
            way(formula),
            SourceTree.FORM,
            tools.lifecycle().fingerprint(),
            buildpacks.fingerprint(),
            new TreeMap<>(settings(formula)).toString(),
            bases.run().reference(),
            bases.build().reference()));
  }

  private String way(Formula formula) {
    var target = job.stage().isEmpty() ? "" : "\n--target " + job.stage();
    return switch (formula) {
      case BUILDPACK -> formula.word();
      case DOCKERFILE -> formula.word() + " " + job.dockerfile() + target;
    };
  }

  /// The part of the configuration that a build may see.
  private Map<String, String> settings(Formula formula) {
    return switch (formula) {
      case BUILDPACK -> BuildpackBuild.settings(job);
      case DOCKERFILE -> job.settings();
    };
  }

  /// One that can no longer be pulled, or started, is built again.
  private Optional<Built> unchanged(String inputs) throws IOException {
    var previous = job.previous();
    if (previous == null || !previous.inputs().equals(inputs)) {
      return Optional.empty();
    }
    return tools.registry().lacks(previous.image()).isEmpty()
            && tools.exporter().isSigned(previous.image())
        ? Optional.of(
            new Built(
                previous.formula(),
                previous.image(),
                inputs,
                previous.entrypoint(),
                previous.processes(),
                previous.releaseCommand(),
                previous.port(),
                true,
                previous.buildpacks()))
        : Optional.empty();
  }
}
