package dev.widemesh.builder.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Layer;
import dev.widemesh.builder.lifecycle.BuildRequest.BaseImage;
import dev.widemesh.builder.lifecycle.ExportPhase.Finished;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The labels by which tools of the Cloud Native Buildpacks know an image.
final class Labels {
  private static final String LIFECYCLE = "io.buildpacks.lifecycle.metadata";
  private static final String PROJECT = "io.buildpacks.project.metadata";
  private static final String APP = "app";

  private Labels() {}

  static Map<String, String> of(
      BuildRequest request,
      List<Contribution> contributions,
      List<Finished> layers,
      List<LaunchProcess> processes,
      List<Layer> sboms,
      List<Layer> app,
      Layer launcher) {
    var labels = new TreeMap<String, String>();
    contributions.forEach(contribution -> labels.putAll(contribution.labels()));
    // The launcher's layer has its settings and the links to it as well.
    var launching = Map.of("sha", launcher.diffId());
    var metadata =
        sorted(
            APP,
            shas(app),
            "launcher",
            launching,
            "config",
            launching,
            "process-types",
            launching,
            "buildpacks",
            contributions.stream().map(c -> buildpack(c, layers)).toList(),
            "runImage",
            runImage(request.run()));
    sboms.forEach(layer -> metadata.put("sbom", Map.of("sha", layer.diffId())));
    labels.put(LIFECYCLE, Json.write(metadata));
    labels.put(
        "io.buildpacks.build.metadata",
        Json.write(
            sorted(
                "buildpacks", contributions.stream().map(Labels::identity).toList(),
                "processes", processes.stream().map(Labels::process).toList(),
                "launcher", Map.of("source", Map.of("git", Map.of("repository", "widemesh"))))));
    labels.put(PROJECT, project(request.commit()));
    return labels;
  }

  /// Those of the same image with other content of the app's files.
  static Map<String, String> moved(Map<String, String> labels, List<Layer> app, String commit) {
    var moved = new TreeMap<>(labels);
    moved.put(PROJECT, project(commit));
    var metadata = Json.read(labels.getOrDefault(LIFECYCLE, ""), ObjectNode.class);
    metadata.set(APP, Json.MAPPER.valueToTree(shas(app)));
    moved.put(LIFECYCLE, Json.write(metadata));
    return moved;
  }

  // Without a name of its own: from elsewhere the registry has another address, and without one a
  // tool would look for it at Docker Hub.
  private static Map<String, Object> runImage(BaseImage run) {
    return sorted("reference", run.reference(), "topLayer", run.config().diffIds().getLast());
  }

  private static List<Map<String, String>> shas(List<Layer> app) {
    return app.stream().map(layer -> Map.of("sha", layer.diffId())).toList();
  }

  private static String project(String commit) {
    return Json.write(sorted("source", sorted("type", "git", "version", Map.of("commit", commit))));
  }

  private static Map<String, Object> identity(Contribution contribution) {
    return sorted(
        "id", contribution.buildpack().id(),
        "version", contribution.buildpack().version(),
        "api", "0." + contribution.buildpack().api());
  }

  private static Map<String, Object> process(LaunchProcess process) {
    var about =
        sorted(
            "type", process.type(),
            "command", process.command(),
            "args", process.args(),
            "direct", true,
            "buildpackID", process.buildpack());
    if (!process.workingDirectory().isEmpty()) {
      about.put("working-dir", process.workingDirectory());
    }
    return about;
  }

  private static Map<String, Object> buildpack(Contribution contribution, List<Finished> all) {
    var layers = new TreeMap<String, Object>();
    for (var layer : all) {
      if (layer.built().buildpack().equals(contribution.buildpack())) {
        layer.tar().ifPresent(tar -> layers.put(layer.built().name(), layer(layer.built(), tar)));
      }
    }
    var about =
        sorted(
            "key", contribution.buildpack().id(),
            "version", contribution.buildpack().version(),
            "layers", layers);
    contribution.store().ifPresent(store -> about.put("store", sorted("metadata", store)));
    return about;
  }

  private static Map<String, Object> layer(BuiltLayer built, Layer tar) {
    return sorted(
        "sha", tar.diffId(),
        "build", built.build(),
        "launch", built.launch(),
        "cache", built.cache(),
        "data", new TreeMap<>(built.metadata()));
  }

  // Map.of has an order that differs from run to run, and the image's digest must not.
  private static Map<String, Object> sorted(Object... pairs) {
    var map = new TreeMap<String, Object>();
    for (var i = 0; i < pairs.length; i += 2) {
      map.put(String.valueOf(pairs[i]), pairs[i + 1]);
    }
    return map;
  }
}
