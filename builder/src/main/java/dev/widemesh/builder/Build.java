package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.ProcessType;
import dev.widemesh.builder.Bases.Pair;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.PushedImage;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.lifecycle.Assembly;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.BuildRequest;
import dev.widemesh.builder.lifecycle.BuildRun;
import dev.widemesh.builder.lifecycle.Lifecycle;
import dev.widemesh.builder.registry.Registry;
import dev.widemesh.model.Diagnosis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns one claimed job into an image.
final class Build {
  static final String BUILDPACK = "buildpack";
  static final String DOCKERFILE = "dockerfile";
  private static final Logger log = LoggerFactory.getLogger(Build.class);
  private static final Sources.Limits LIMITS = new Sources.Limits(2L << 30, 200_000);

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
    refuseDockerfile(job.formula() != null && job.formula().equals(DOCKERFILE));
    var bases = tools.bases().get(output::detail);
    var inputs = inputs(bases);
    var same = unchanged(inputs);
    if (same.isPresent()) {
      output.step("Image unchanged (same files, buildpacks and base image): nothing built");
      return same.get();
    }
    return build(bases, inputs);
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

  private static void refuseDockerfile(boolean isOne) throws BuildRefused {
    if (isOne) {
      throw BuildRefused.because(
          "Dockerfile builds are not supported yet",
          "remove the Dockerfile from the top folder, so that buildpacks build the app");
    }
  }

  /// Changes with anything that the image is made of.
  private String inputs(Pair bases) throws IOException {
    var tree = tools.sources().tree(job.stackId(), job.commit());
    return Sha256.of(
        String.join(
            "\n",
            BUILDPACK,
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

  private Built build(Pair bases, String inputs)
      throws IOException, InterruptedException, BuildRefused {
    var request =
        new BuildRequest(job.deployment(), job.stackId(), job.commit(), bases.run(), bases.build());
    try (var run = tools.lifecycle().open(request, output)) {
      onCancel.accept(run::kill);
      tools.sources().export(job.stackId(), job.commit(), run.workspace(), LIMITS);
      refuseDockerfile(
          job.formula() == null
              && Files.exists(run.workspace().resolve("Dockerfile"), LinkOption.NOFOLLOW_LINKS));
      var procfile = Procfile.read(run.workspace());
      var assembly = run.build();
      var processes = processes(procfile, assembly);
      var pushed = push(run, assembly, bases);
      run.keep();
      return new Built(
          BUILDPACK,
          pushed.reference(),
          inputs,
          assembly.settings().entrypoint(),
          processes,
          procfile.release().orElse(null),
          0,
          false);
    }
  }

  /// A Procfile with processes is the whole list: one with only a worker means no web service.
  private static List<ProcessType> processes(Procfile procfile, Assembly assembly)
      throws BuildRefused {
    if (!procfile.commands().isEmpty()) {
      return procfile.commands().entrySet().stream()
          .map(entry -> new ProcessType(entry.getKey(), entry.getValue(), null))
          .toList();
    }
    if (assembly.web().isEmpty()) {
      throw BuildRefused.because(
          "nothing says how this app starts", "add a Procfile with 'web: <command>'");
    }
    return List.of(new ProcessType("web", null, assembly.web()));
  }

  private PushedImage push(BuildRun run, Assembly assembly, Pair bases)
      throws IOException, InterruptedException {
    var start = System.nanoTime();
    var pushed = pushOnceMore(run, assembly, bases);
    log.info("build {}: push {} ms", job.deployment(), (System.nanoTime() - start) / 1_000_000);
    output.step("Image " + pushed.reference().replaceFirst(".*@sha256:(.{12}).*", "$1"));
    if (!assembly.reused().isEmpty()) {
      output.detail("Layers reused: " + String.join(", ", assembly.reused()));
    }
    output.detail(
        "Moved %s in %d of %d layers"
            .formatted(
                bytes(pushed.bytesPushed()),
                pushed.layersPushed(),
                pushed.layersPushed() + pushed.layersReused()));
    return pushed;
  }

  // A registry that lost layers it once had wants their content again.
  private PushedImage pushOnceMore(BuildRun run, Assembly assembly, Pair bases)
      throws IOException, InterruptedException {
    try {
      return tools.exporter().push(recipe(assembly, bases));
    } catch (IOException e) {
      log.info("build {}: push failed, writing every layer: {}", job.deployment(), e.toString());
      return tools.exporter().push(recipe(run.assembleAfresh(), bases));
    }
  }

  private ImageRecipe recipe(Assembly assembly, Pair bases) {
    return new ImageRecipe(
        "apps/" + job.stackId(),
        Optional.of(bases.run().reference()),
        assembly.layers(),
        assembly.settings());
  }

  static String bytes(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    return bytes < 1_000_000
        ? bytes / 1_000 + " kB"
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
