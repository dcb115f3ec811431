package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.UsedBuildpack;
import dev.widemesh.builder.Bases.Pair;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.PushedImage;
import dev.widemesh.builder.lifecycle.Assembly;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.BuildRequest;
import dev.widemesh.builder.lifecycle.BuildRun;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The formula `buildpack`: buildpacks make layers, and we make them an image.
final class BuildpackBuild {
  private static final Logger log = LoggerFactory.getLogger(BuildpackBuild.class);

  private final Build.Tools tools;
  private final String claim;
  private final Job job;
  private final BuildOutput output;
  private final Consumer<Runnable> onCancel;

  BuildpackBuild(
      Build.Tools tools, String claim, Job job, BuildOutput output, Consumer<Runnable> onCancel) {
    this.tools = tools;
    this.claim = claim;
    this.job = job;
    this.output = output;
    this.onCancel = onCancel;
  }

  Built run(Pair bases, String inputs, JobBuildpacks buildpacks)
      throws IOException, InterruptedException, BuildRefused {
    var request =
        new BuildRequest(
            claim,
            job.stackId(),
            job.commit(),
            settings(job),
            buildpacks.additions(),
            bases.run(),
            bases.build());
    try (var run = tools.lifecycle().open(request, output)) {
      onCancel.accept(run::kill);
      SourceTree.write(tools.sources(), job, run.workspace(), output);
      Failpoint.SOURCE_EXPORTED.pass();
      var procfile = Procfile.read(run.workspace());
      var assembly = run.build();
      Failpoint.BUILD_ASSEMBLED.pass();
      var processes = procfile.processes(assembly.web());
      if (processes.isEmpty()) {
        throw BuildRefused.because(
            "nothing says how this app starts", "add a Procfile with 'web: <command>'");
      }
      var pushed = push(run, assembly, bases);
      Failpoint.IMAGE_PUSHED.pass();
      run.keep();
      Failpoint.CACHE_KEPT.pass();
      return new Built(
          Formula.BUILDPACK.word(),
          pushed.reference(),
          inputs,
          assembly.settings().entrypoint(),
          processes,
          procfile.release().orElse(null),
          0,
          false,
          used(assembly));
    }
  }

  private static List<UsedBuildpack> used(Assembly assembly) {
    return assembly.used().stream()
        .map(each -> new UsedBuildpack(each.id(), each.version(), each.from(), each.digest()))
        .toList();
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

  /// What buildpacks are told of the configuration: `BP_MAVEN_BUILD_ARGUMENTS` and the like.
  static Map<String, String> settings(Job job) {
    return job.settings().entrySet().stream()
        .filter(each -> each.getKey().matches("BP_[A-Z0-9_]+"))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
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
