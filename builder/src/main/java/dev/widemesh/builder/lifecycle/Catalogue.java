package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.lifecycle.Buildpack.Member;
import dev.widemesh.builder.lifecycle.Buildpack.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The buildpacks of a folder, and in which order they are asked. `fingerprint` changes with any
/// byte of them.
record Catalogue(
    Path folder,
    Map<String, Buildpack> known,
    List<List<Member>> order,
    List<List<Member>> groups,
    String fingerprint) {
  private static final String INSIDE = "/cnb/buildpacks/";

  static Catalogue read(Path folder) throws IOException, BuildRefused {
    var known = new HashMap<String, Buildpack>();
    for (var entry : sorted(folder)) {
      if (Files.exists(entry.resolve("buildpack.toml"))) {
        var buildpack = Buildpack.read(entry, INSIDE + entry.getFileName(), Origin.OURS);
        known.put(buildpack.id(), buildpack);
      }
    }
    var order = Buildpack.order(TomlFile.read(folder.resolve("order.toml")));
    return new Catalogue(
        folder, Map.copyOf(known), order, OrderExpansion.expand(order, known), fingerprint(folder));
  }

  /// The same with others besides, of which `group` builds the app.
  Catalogue with(Map<String, Buildpack> all, List<Member> group) throws BuildRefused {
    var only = List.of(List.copyOf(group));
    return new Catalogue(
        folder, Map.copyOf(all), only, OrderExpansion.expand(only, all), fingerprint);
  }

  private static List<Path> sorted(Path folder) throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  private static String fingerprint(Path folder) throws IOException {
    var manifest = new StringBuilder();
    try (var files = Files.walk(folder)) {
      for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
        var name = folder.relativize(file).toString();
        if (!name.contains("fixture/")) {
          var mode = Files.isExecutable(file) ? " x " : " - ";
          manifest.append(Sha256.of(file)).append(mode).append(name).append('\n');
        }
      }
    }
    return Sha256.of(manifest.toString());
  }
}
