package dev.widemesh.builder.lifecycle;

import dev.widemesh.model.Diagnosis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Why no group of buildpacks builds an app.
record Undetected(Catalogue catalogue, Map<String, Detection> detections, Target target) {
  private static final int SHOWN = 20;

  Undetected {
    detections = Map.copyOf(detections);
  }

  /// `named`: the stack names its buildpacks itself.
  BuildRefused refusal(boolean named, Path workspace) throws IOException {
    for (var key : detections.keySet().stream().sorted().toList()) {
      var broken = broken(key);
      if (broken.isPresent()) {
        return broken.get();
      }
    }
    return named ? unfit() : unknown(workspace);
  }

  private Optional<BuildRefused> broken(String key) {
    return switch (detections.get(key)) {
      case Detection.Breaks(var code, var lines) ->
          Optional.of(
              new BuildRefused(
                  new Diagnosis.BuildFailed(
                      "the buildpack %s failed at detection with exit code %d"
                          .formatted(id(key), code),
                      lines,
                      "correct the buildpack")));
      case Detection.Foreign(var madeFor) ->
          Optional.of(
              BuildRefused.because(
                  "the buildpack %s is made for %s, and apps run on %s here"
                      .formatted(id(key), madeFor, target),
                  "take a buildpack, or a version of it, that runs here too"));
      case Detection.Matches _, Detection.Passes _ -> Optional.empty();
      case null -> Optional.empty();
    };
  }

  private static String id(String key) {
    return key.replaceFirst("@.*", "");
  }

  private BuildRefused unfit() {
    var lines = new ArrayList<String>();
    detections.forEach(
        (key, detection) -> {
          var buildpack = catalogue.known().get(key);
          var matches = detection instanceof Detection.Matches;
          if (buildpack != null && lines.size() < SHOWN) {
            lines.add(
                "%s: %s"
                    .formatted(
                        buildpack.shown(), matches ? "would build it" : "does not recognise it"));
          }
        });
    lines.sort(null);
    return new BuildRefused(
        new Diagnosis.BuildFailed(
            "the buildpacks that the stack names do not build this app together",
            lines,
            "look at mesh stack buildpacks ls, and correct the list or the app"));
  }

  private static BuildRefused unknown(Path workspace) throws IOException {
    return new BuildRefused(
        new Diagnosis.BuildFailed(
            "no buildpack recognises this app",
            topLevel(workspace),
            "add a package.json (Node.js), a pom.xml (Java), a requirements.txt (Python), a go.mod"
                + " (Go), a Cargo.toml (Rust), a Gemfile (Ruby), a composer.json (PHP), a deno.json"
                + " (Deno), an index.html (static site), a Staticfile or a Dockerfile"));
  }

  private static List<String> topLevel(Path workspace) throws IOException {
    try (var files = Files.list(workspace)) {
      var names = files.map(f -> String.valueOf(f.getFileName())).sorted().limit(SHOWN).toList();
      return List.of("at the top: " + (names.isEmpty() ? "nothing" : String.join(" ", names)));
    }
  }
}
