package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.UsedBuildpack;
import dev.widemesh.api.Json;
import dev.widemesh.builder.Making.Material;
import dev.widemesh.builder.dockerfile.DockerfileRequest;
import dev.widemesh.builder.dockerfile.Origins;
import dev.widemesh.builder.dockerfile.OutsideImages.Pulled;
import dev.widemesh.builder.image.ImageConfig;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.PushedImage;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.BuilderImage;
import dev.widemesh.builder.lifecycle.CreatorRequest;
import dev.widemesh.builder.lifecycle.CreatorRequest.Previous;
import dev.widemesh.builder.lifecycle.CreatorRun;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The formula `buildpack` with a builder of somebody else's: buildpacks, the lifecycle that runs
/// them and the image that apps stand on come from a registry, and the image that they make is
/// taken over as one of ours.
final class StockBuild {
  /// On the image: whose layers may be taken over by the next build.
  private static final String BUILDER = "dev.widemesh.builder";

  private static final String LIFECYCLE = "io.buildpacks.lifecycle.metadata";

  /// What follows is a program and its arguments, in the environment that the buildpacks made.
  private static final List<String> ENTRYPOINT = List.of("/cnb/lifecycle/launcher", "--");

  private final Build.Tools tools;
  private final String claim;
  private final Job job;
  private final String name;
  private final BuildOutput output;
  private final Consumer<Runnable> onCancel;

  StockBuild(
      Build.Tools tools,
      String claim,
      Job job,
      String name,
      BuildOutput output,
      Consumer<Runnable> onCancel) {
    this.tools = tools;
    this.claim = claim;
    this.job = job;
    this.name = name;
    this.output = output;
    this.onCancel = onCancel;
  }

  /// The two images of a builder, as they are now; `image` is the builder itself.
  record Stock(BuilderImage image, Pulled pulled, Pulled run) {
    /// Changes with any byte of them; from which mirror the run image came is all the same.
    String fingerprint() {
      return pulled.name() + " " + pulled.id() + "\n" + run.id();
    }

    /// What an image is made of; a registry that gave no digest is not told of.
    List<Material> materials() {
      return Stream.of(pulled, run)
          .map(Pulled::pinned)
          .filter(name -> name.contains("@"))
          .map(Making::base)
          .toList();
    }
  }

  interface Use {
    Built of(Stock stock) throws IOException, InterruptedException, BuildRefused;
  }

  /// Both are there as long as they are used.
  Built with(Use use) throws IOException, InterruptedException, BuildRefused {
    try (var images = tools.dockerfiles().images(origins())) {
      onCancel.accept(images::stop);
      var pulled = images.pull(name);
      var image = BuilderImage.of(name, pulled.id(), pulled.labels(), pulled.env());
      var run =
          new RunImage(name, image.runImages())
              .pull(images::pull, images::isStopped, output::detail);
      return use.of(new Stock(image, pulled, run));
    }
  }

  private Origins origins() {
    return new Origins(Map.of(), tools.registries(), job.logins());
  }

  Built run(Stock stock, String inputs) throws IOException, InterruptedException, BuildRefused {
    output.detail("Builder %s (%.19s)".formatted(name, digest(stock.pulled())));
    var run = inOurRegistry(stock.run());
    var request =
        new CreatorRequest(
            claim,
            job.stackId(),
            BuildpackBuild.settings(job),
            stock.image(),
            new CreatorRequest.Run(run.reference(), run.diffIds()),
            previous());
    try (var creator = tools.lifecycle().open(request, tools.exporter(), output)) {
      onCancel.accept(creator::kill);
      SourceTree.write(tools, job, creator.workspace(), output, onCancel);
      Failpoint.SOURCE_EXPORTED.pass();
      var procfile = Procfile.read(creator.workspace());
      var created = creator.build();
      Failpoint.BUILD_ASSEMBLED.pass();
      var processes = procfile.processes(created.metadata().web(created.settings().entrypoint()));
      if (processes.isEmpty()) {
        throw BuildRefused.because(
            "nothing says how this app starts", "add a Procfile with 'web: <command>'");
      }
      var pushed = push(created, run);
      Failpoint.IMAGE_PUSHED.pass();
      creator.keep();
      Failpoint.CACHE_KEPT.pass();
      return new Built(
          Formula.BUILDPACK.word(),
          pushed.reference(),
          inputs,
          ENTRYPOINT,
          processes,
          procfile.release().orElse(null),
          0,
          false,
          used(created, stock));
    }
  }

  private static String digest(Pulled image) {
    return image.pinned().replaceFirst(".*@", "");
  }

  /// By the way of all images of others: as an image of nothing but its FROM.
  private ImageConfig inOurRegistry(Pulled run)
      throws IOException, InterruptedException, BuildRefused {
    var request =
        DockerfileRequest.taking(
            claim, job.stackId(), "apps/" + job.stackId(), run.pinned(), origins());
    try (var taking = tools.dockerfiles().open(request, output)) {
      onCancel.accept(taking::kill);
      return tools.exporter().inspect(taking.build().reference());
    }
  }

  /// Only one that this builder made: another's layers may not fit.
  private Optional<Previous> previous() throws IOException {
    var built = job.previous();
    if (built == null || !tools.registry().lacks(built.image()).isEmpty()) {
      return Optional.empty();
    }
    var image = tools.exporter().inspect(built.image());
    var labels = image.settings().labels();
    if (!name.equals(labels.get(BUILDER))) {
      return Optional.empty();
    }
    tools.exporter().recall(built.image());
    return Optional.of(
        new Previous(built.image(), Set.copyOf(image.diffIds()), bill(labels.get(LIFECYCLE))));
  }

  private static Optional<String> bill(@Nullable String label) throws IOException {
    var about = Json.MAPPER.readTree(label == null ? "{}" : label);
    return Optional.of(about.path("sbom").path("sha").asText("")).filter(sha -> !sha.isEmpty());
  }

  private PushedImage push(CreatorRun.Created created, ImageConfig run) throws IOException {
    var made = created.settings();
    var labels = new TreeMap<>(made.labels());
    // Nothing that a build makes may look like the platform's own.
    labels.keySet().removeIf(label -> label.startsWith("dev.widemesh."));
    labels.put(BUILDER, name);
    var settings =
        new ImageRecipe.Settings(
            made.env(),
            labels,
            made.user(),
            made.workingDir(),
            made.entrypoint(),
            made.cmd(),
            Set.of());
    var pushed =
        tools
            .exporter()
            .push(
                new ImageRecipe(
                    "apps/" + job.stackId(),
                    Optional.of(run.reference()),
                    created.layers(),
                    settings));
    new PushedWords(pushed, List.of()).say(output);
    return pushed;
  }

  private List<UsedBuildpack> used(CreatorRun.Created created, Stock stock) {
    return created.metadata().buildpacks().stream()
        .map(
            each ->
                new UsedBuildpack(each.id(), each.version(), name, digest(stock.pulled()), null))
        .toList();
  }

  String fingerprint(Stock stock, String tree) {
    return Sha256.of(
        String.join(
            "\n",
            "builder",
            SourceTree.FORM,
            tree,
            stock.fingerprint(),
            new TreeMap<>(BuildpackBuild.settings(job)).toString()));
  }
}
