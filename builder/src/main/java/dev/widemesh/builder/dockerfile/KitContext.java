package dev.widemesh.builder.dockerfile;

import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the daemon reads of a build: `files` are the app's, without those that are ignored; the
/// prepared Dockerfile lies apart, and so do the rules that the daemon keeps.
record KitContext(Path folder) {
  private static final String RULES = "rules";
  private static final String CONFIG = "buildkitd.toml";
  private static final String SOURCES = "sources.json";

  /// No source but the app's files and our base images.
  static final String POLICY = "--source-policy-file=/context/" + RULES + "/" + SOURCES;

  /// No program but BuildKit's own reads a Dockerfile.
  static final String FRONTENDS = "--config=/context/" + RULES + "/" + CONFIG;

  /// Takes the workspace for itself.
  static KitContext of(Path folder, String dockerfile, Path workspace) throws IOException {
    var context = new KitContext(folder);
    Files.createDirectories(folder.resolve("dockerfile"));
    context.write(dockerfile);
    var rules = Files.createDirectories(folder.resolve(RULES));
    for (var name : List.of(CONFIG, SOURCES)) {
      Files.write(
          rules.resolve(name),
          Resources.toByteArray(Resources.getResource(KitContext.class, name)));
    }
    Files.move(workspace, folder.resolve("files"));
    return context;
  }

  void write(String dockerfile) throws IOException {
    Files.writeString(folder.resolve("dockerfile").resolve("Dockerfile"), dockerfile);
  }
}
