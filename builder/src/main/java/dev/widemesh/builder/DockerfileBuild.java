package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.ProcessType;
import dev.widemesh.builder.Bases.Pair;
import dev.widemesh.builder.Making.Material;
import dev.widemesh.builder.dockerfile.DockerfileRequest;
import dev.widemesh.builder.dockerfile.DockerfileRun;
import dev.widemesh.builder.dockerfile.IgnoreFile;
import dev.widemesh.builder.dockerfile.Origins;
import dev.widemesh.builder.image.EngineImage;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The formula `dockerfile`: the engine builds the image, and we take it over.
final class DockerfileBuild {
  private final Build.Tools tools;
  private final String claim;
  private final Job job;
  private final BuildOutput output;
  private final Consumer<Runnable> onCancel;
  private final Instant started = Instant.now();

  DockerfileBuild(
      Build.Tools tools, String claim, Job job, BuildOutput output, Consumer<Runnable> onCancel) {
    this.tools = tools;
    this.claim = claim;
    this.job = job;
    this.output = output;
    this.onCancel = onCancel;
  }

  Built run(Pair bases, String inputs) throws IOException, InterruptedException, BuildRefused {
    try (var run = tools.dockerfiles().open(request(bases), output)) {
      onCancel.accept(run::kill);
      if (!job.stage().isEmpty()) {
        output.detail("The image is the stage " + job.stage());
      }
      SourceTree.write(tools, job, run.workspace(), output, onCancel);
      Failpoint.SOURCE_EXPORTED.pass();
      IgnoreFile.check(run.workspace());
      var procfile = Procfile.read(run.workspace());
      var image = run.build();
      Failpoint.IMAGE_PUSHED.pass();
      var processes = procfile.processes(web(image));
      if (processes.isEmpty()) {
        throw BuildRefused.because("nothing says how this app starts", "add CMD to the Dockerfile");
      }
      tools.makings().keep(image.reference(), making(run));
      output.step("Image " + image.reference().replaceFirst(".*@sha256:(.{12}).*", "$1"));
      return built(image, inputs, procfile, processes, null);
    }
  }

  /// An image of somebody else's, as it is: a Dockerfile of nothing but its FROM, so that it comes
  /// as base images do, and starts as they would.
  Built take(Pair bases, String image) throws IOException, InterruptedException, BuildRefused {
    var repository = "apps/" + job.stackId();
    var request =
        DockerfileRequest.taking(claim, job.stackId(), repository, image, origins(bases, ""));
    try (var run = tools.dockerfiles().open(request, output)) {
      onCancel.accept(run::kill);
      var procfile = Procfile.read(run.workspace());
      var taken = run.build();
      Failpoint.IMAGE_PUSHED.pass();
      var processes = procfile.processes(web(taken));
      if (processes.isEmpty()) {
        throw BuildRefused.because(
            "the image says neither with CMD nor with ENTRYPOINT how it starts",
            "build it with one, and push it to its registry");
      }
      tools.makings().keep(taken.reference(), making(run));
      var digest = run.origin();
      output.step("Image " + image + digest.map(known -> " is " + known).orElse(""));
      var inputs = Sha256.of("image " + taken.reference());
      return built(taken, inputs, procfile, processes, digest.orElse(null));
    }
  }

  private Making making(DockerfileRun run) {
    var materials = new ArrayList<Material>();
    run.bases()
        .forEach(
            (name, digest) ->
                materials.add(
                    new Material(name, "", name.replaceFirst("@.*", "") + "@" + digest, digest)));
    return Making.of(Formula.DOCKERFILE, job, materials, started);
  }

  private static Built built(
      EngineImage image,
      String inputs,
      Procfile procfile,
      List<ProcessType> processes,
      @Nullable String origin) {
    return new Built(
        Formula.DOCKERFILE.word(),
        image.reference(),
        inputs,
        entrypoint(image, procfile),
        processes,
        procfile.release().orElse(null),
        port(image),
        false,
        List.of(),
        origin);
  }

  private DockerfileRequest request(Pair bases) throws IOException, BuildRefused {
    var text =
        tools
            .sources()
            .file(job.stackId(), job.commit(), job.dockerfile(), DockerfileRequest.MOST_BYTES)
            .orElseThrow(
                () ->
                    BuildRefused.because(
                        "there is no Dockerfile at %s, and it is to be built with one"
                            .formatted(place()),
                        "commit one, or name another: mesh stack update --dockerfile=PATH"));
    if (text.length == DockerfileRequest.MOST_BYTES) {
      throw BuildRefused.because("the Dockerfile is larger than 1 MB", "make it shorter");
    }
    var dockerfile = new String(text, StandardCharsets.UTF_8);
    return new DockerfileRequest(
        claim,
        job.stackId(),
        "apps/" + job.stackId(),
        dockerfile,
        job.stage(),
        job.settings(),
        "",
        origins(bases, dockerfile),
        names -> tools.secrets().of(job.deployment(), claim, names));
  }

  private String place() {
    return job.dockerfile().equals("Dockerfile") ? "the top" : job.dockerfile();
  }

  private Origins origins(Pair bases, String dockerfile) throws IOException {
    return new Origins(ours(bases, dockerfile), tools.registries(), job.logins());
  }

  private Map<String, String> ours(Pair bases, String dockerfile) throws IOException {
    var ours = new HashMap<String, String>();
    for (var tag : List.of("13", "latest")) {
      ours.put("widemesh/run:" + tag, local(bases.run().reference()));
      ours.put("widemesh/build:" + tag, local(bases.build().reference()));
    }
    if (dockerfile.contains(CertificateImage.NAME)) {
      ours.put(CertificateImage.NAME + ":latest", local(tools.certificates().reference()));
    }
    return ours;
  }

  private String local(String reference) {
    return tools.registry().address() + "/" + reference;
  }

  /// Its CMD, which follows its ENTRYPOINT; an ENTRYPOINT alone will do.
  private static List<String> web(EngineImage image) {
    return image.cmd().isEmpty() ? image.entrypoint() : image.cmd();
  }

  /// Stands before every command, as with `docker run`; alone it is the command.
  private static List<String> entrypoint(EngineImage image, Procfile procfile) {
    var alone = image.cmd().isEmpty() && procfile.commands().isEmpty();
    return alone ? List.of() : image.entrypoint();
  }

  /// EXPOSE chooses where it names exactly one.
  private static int port(EngineImage image) {
    return image.exposed().size() == 1 ? image.exposed().iterator().next() : 0;
  }
}
