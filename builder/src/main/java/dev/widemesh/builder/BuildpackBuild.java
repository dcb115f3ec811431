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
import dev.widemesh.model.BuildSetting;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.util.List;
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

  /// `frame` as in [KeptImage].
  Built run(Pair bases, String frame, String inputs, JobBuildpacks buildpacks)
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
      SourceTree.write(tools, job, run.workspace(), output, onCancel);
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
      var built =
          new Built(
              Formula.BUILDPACK.word(),
              pushed.reference(),
              inputs,
              assembly.settings().entrypoint(),
              processes,
              procfile.release().orElse(null),
              0,
              false,
              used(assembly));
      var life = tools.lifecycle().life();
      var kept = new KeptImage(life, frame, job.root(), job.commit(), assembly, built).text();
      if (kept.isPresent()) {
        run.keepImage(kept.get());
      }
      Failpoint.CACHE_KEPT.pass();
      return built;
    }
  }

  /// The same result with another image.
  static Built like(Built built, String image, String inputs) {
    return new Built(
        built.formula(),
        image,
        inputs,
        built.entrypoint(),
        built.processes(),
        built.releaseCommand(),
        built.port(),
        false,
        built.buildpacks());
  }

  private static List<UsedBuildpack> used(Assembly assembly) {
    return assembly.used().stream().map(BuildpackBuild::used).toList();
  }

  private static UsedBuildpack used(Assembly.Used used) {
    var commit = used.commit().isEmpty() ? null : used.commit();
    return new UsedBuildpack(used.id(), used.version(), used.from(), used.digest(), commit);
  }

  private PushedImage push(BuildRun run, Assembly assembly, Pair bases)
      throws IOException, InterruptedException {
    var start = System.nanoTime();
    var pushed = pushOnceMore(run, assembly, bases);
    log.info("build {}: push {} ms", job.deployment(), (System.nanoTime() - start) / 1_000_000);
    new PushedWords(pushed, assembly.reused()).say(output);
    return pushed;
  }

  // A registry that lost layers it once had wants their content again.
  private PushedImage pushOnceMore(BuildRun run, Assembly assembly, Pair bases)
      throws IOException, InterruptedException {
    try {
      return tools.exporter().push(recipe(job, assembly, bases));
    } catch (IOException e) {
      log.info("build {}: push failed, writing every layer: {}", job.deployment(), e.toString());
      return tools.exporter().push(recipe(job, run.assembleAfresh(), bases));
    }
  }

  static ImageRecipe recipe(Job job, Assembly assembly, Pair bases) {
    return new ImageRecipe(
        "apps/" + job.stackId(),
        Optional.of(bases.run().reference()),
        assembly.layers(),
        assembly.settings());
  }

  /// What buildpacks are told of the configuration: `BP_MAVEN_BUILD_ARGUMENTS`, `VITE_API` and the
  /// like.
  static Map<String, String> settings(Job job) {
    return job.settings().entrySet().stream()
        .filter(each -> BuildSetting.isNamed(each.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}
