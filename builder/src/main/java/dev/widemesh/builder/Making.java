package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.UsedBuildpack;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// How an image was made, as the builder knows it that did: for what is signed about it later. Of
/// the configuration it has the names alone. `commit` and `root` are empty where an `image` was
/// taken over, `stage` is nothing where an earlier release made it.
record Making(
    String formula,
    String environment,
    String stack,
    String commit,
    String root,
    String dockerfile,
    @Nullable String stage,
    String image,
    List<String> settings,
    List<Material> materials,
    String deployment,
    Instant started,
    Instant finished) {
  /// What it was made of: a base image, a buildpack. `digest` is `sha256:<hex>`, `version` empty
  /// where it has none, `commit` of a git repository.
  record Material(String name, String version, String uri, String digest, @Nullable String commit) {
    Material(String name, String version, String uri, String digest) {
      this(name, version, uri, digest, null);
    }
  }

  Making {
    settings = List.copyOf(settings);
    materials = List.copyOf(materials);
  }

  /// One that ends just now.
  static Making of(Formula formula, Job job, List<Material> materials, Instant started) {
    var image = job.image();
    return new Making(
        formula.word(),
        job.environment(),
        job.stack(),
        image == null ? job.commit() : "",
        image == null ? job.root() : "",
        formula == Formula.DOCKERFILE && image == null ? job.dockerfile() : "",
        formula == Formula.DOCKERFILE && image == null ? job.stage() : "",
        image == null ? "" : image,
        image == null ? List.copyOf(new TreeSet<>(seen(formula, job).keySet())) : List.of(),
        materials,
        job.deployment(),
        started,
        Instant.now());
  }

  private static Map<String, String> seen(Formula formula, Job job) {
    return switch (formula) {
      case BUILDPACK -> BuildpackBuild.settings(job);
      case DOCKERFILE -> job.settings();
    };
  }

  /// `reference` is `<name>@<digest>`.
  static Material base(String reference) {
    var at = reference.indexOf('@');
    return new Material(reference.substring(0, at), "", reference, reference.substring(at + 1));
  }

  /// `fingerprint` is of the platform's own ones, which have no digest each.
  static List<Material> buildpacks(List<UsedBuildpack> used, String fingerprint) {
    var all = new ArrayList<Material>();
    for (var each : used) {
      var isOwn = each.digest().isEmpty();
      all.add(
          new Material(
              each.id(),
              each.version(),
              isOwn ? "widemesh/buildpacks" : each.from(),
              isOwn ? fingerprint : each.digest(),
              each.commit()));
    }
    return all;
  }
}
