package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.builder.lifecycle.Addition;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.supply.Supply;
import dev.widemesh.model.BuildpackReference;
import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The buildpacks that a stack names, at hand for its build.
record JobBuildpacks(List<Addition> additions) {
  JobBuildpacks {
    additions = List.copyOf(additions);
  }

  static JobBuildpacks get(Job job, Supply.Deliveries deliveries, BuildOutput output)
      throws IOException, InterruptedException, BuildRefused {
    var additions = new ArrayList<Addition>();
    for (var text : job.buildpacks()) {
      additions.add(get(job, text, deliveries, output));
    }
    return new JobBuildpacks(additions);
  }

  private static Addition get(
      Job job, String text, Supply.Deliveries deliveries, BuildOutput output)
      throws IOException, InterruptedException, BuildRefused {
    var reference = parsed(text);
    return switch (reference) {
      case BuildpackReference.Named(var id) -> new Addition.Ours(id);
      case BuildpackReference.Folder(var path) ->
          new Addition.InApp(text, new SourcePath(job.root()), path);
      case BuildpackReference.Git _, BuildpackReference.Archive _, BuildpackReference.Image _ -> {
        var delivery = deliveries.get(reference).orElseThrow();
        if (delivery.fresh()) {
          output.detail("Fetched %s (%.19s)".formatted(text, delivery.digest()));
        }
        yield new Addition.Fetched(
            text, delivery.digest(), delivery.commit(), delivery.tree(), delivery.main());
      }
    };
  }

  private static BuildpackReference parsed(String text) throws BuildRefused {
    try {
      return BuildpackReference.parse(text);
    } catch (IllegalArgumentException e) {
      throw BuildRefused.because(
          "the buildpack " + e.getMessage(), "correct it: mesh stack buildpacks ls");
    }
  }

  /// Changes with any byte of what came from elsewhere. What lies in the repository is a part of
  /// the commit's tree.
  String fingerprint() {
    return String.join(
        "\n",
        additions.stream()
            .map(
                addition ->
                    switch (addition) {
                      case Addition.Ours(var id) -> id;
                      case Addition.InApp(var reference, _, _) -> reference;
                      case Addition.Fetched(var reference, var digest, _, _, var main) ->
                          reference + " " + digest + " " + main;
                    })
            .toList());
  }
}
