package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.tomlj.TomlTable;

/// What one buildpack left behind: layers, processes, labels, what it says that it read, slices of
/// the app, a store, and what it did not meet.
record Contribution(
    Buildpack buildpack,
    List<BuiltLayer> layers,
    List<LaunchProcess> processes,
    Map<String, String> labels,
    List<String> reads,
    List<Slice> slices,
    List<Sbom> sboms,
    Optional<Map<String, Object>> store,
    List<String> unmet) {
  private static final Set<String> RESERVED = Set.of("build", "launch", "store");

  /// Where the stack's last image has a layer.
  interface LastImage {
    /// Its folder; nothing where it has none of that name.
    Optional<Path> find(Buildpack buildpack, String layer) throws IOException;
  }

  /// Only while the build is paused.
  static Contribution read(Buildpack buildpack, Path layers, LastImage last)
      throws IOException, BuildRefused {
    var folder = layers.resolve(buildpack.escapedId());
    var guard = new Contained(layers);
    var launch = toml(guard, folder.resolve("launch.toml"));
    var store = toml(guard, folder.resolve("store.toml")).getTableOrEmpty("metadata");
    return new Contribution(
        buildpack,
        layers(buildpack, folder, guard, last),
        processes(buildpack, launch),
        labels(launch),
        reads(launch),
        Slice.parse(TomlFile.tables(launch, "slices")),
        Sbom.of(folder),
        store.isEmpty() ? Optional.empty() : Optional.of(TomlFile.plain(store)),
        TomlFile.tables(toml(guard, folder.resolve("build.toml")), "unmet").stream()
            .flatMap(table -> TomlFile.string(table, "name").stream())
            .toList());
  }

  private static List<LaunchProcess> processes(Buildpack buildpack, TomlTable launch)
      throws BuildRefused {
    var processes = new ArrayList<LaunchProcess>();
    for (var table : TomlFile.tables(launch, "processes")) {
      LaunchProcess.parse(table, buildpack).ifPresent(processes::add);
    }
    if (processes.stream().filter(LaunchProcess::isDefault).count() > 1) {
      throw BuildRefused.because(
          "the buildpack %s declares more than one default process".formatted(buildpack.id()),
          "correct the buildpack");
    }
    return processes;
  }

  /// Of what is in the image.
  List<Sbom> imageSboms() {
    return sboms.stream()
        .filter(
            sbom ->
                sbom.layer().isEmpty()
                    || layers.stream()
                        .anyMatch(layer -> layer.launch() && layer.name().equals(sbom.layer())))
        .toList();
  }

  private static TomlTable toml(Contained guard, Path file) throws IOException, BuildRefused {
    return TomlFile.read(guard.isFile(file) ? file : file.resolveSibling("absent"));
  }

  /// Without those by which the platform knows what is its own.
  private static Map<String, String> labels(TomlTable launch) {
    var labels = new TreeMap<String, String>();
    for (var table : TomlFile.tables(launch, "labels")) {
      TomlFile.string(table, "key")
          .filter(key -> !key.startsWith("dev.widemesh."))
          .ifPresent(key -> labels.put(key, TomlFile.string(table, "value").orElse("")));
    }
    return labels;
  }

  private static List<String> reads(TomlTable launch) {
    return TomlFile.tables(launch, "labels").stream()
        .filter(table -> TomlFile.string(table, "key").equals(Optional.of(Reads.LABEL)))
        .flatMap(table -> TomlFile.string(table, "value").stream())
        .reduce((one, other) -> one + "\n" + other)
        .map(Reads::patterns)
        .orElse(Reads.EVERYTHING);
  }

  private static List<BuiltLayer> layers(
      Buildpack buildpack, Path folder, Contained guard, LastImage last)
      throws IOException, BuildRefused {
    var layers = new ArrayList<BuiltLayer>();
    for (var name : names(folder)) {
      var layer =
          layer(buildpack, folder.resolve(name), name, toml(guard, folder.resolve(name + ".toml")));
      var isThere = Contained.isRealFolder(layer.folder());
      if (layer.launch() || layer.cache() || (layer.build() && isThere)) {
        requireName(name);
        layers.add(isThere ? layer : reused(layer, last));
      }
    }
    return layers;
  }

  /// Without a folder a buildpack asks for what the last image has.
  private static BuiltLayer reused(BuiltLayer layer, LastImage last)
      throws IOException, BuildRefused {
    if (layer.launch() && !layer.cache()) {
      var found = last.find(layer.buildpack(), layer.name());
      if (found.isPresent()) {
        return layer.reusing(found.get());
      }
    }
    throw BuildRefused.because(
        "the buildpack %s left no folder for its layer '%s', and there is none of an earlier build to take"
            .formatted(layer.buildpack().id(), layer.name()),
        "push again: it is told then that there is none; or correct the buildpack");
  }

  private static List<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(".toml"))
          .map(name -> name.substring(0, name.length() - ".toml".length()))
          .filter(name -> !RESERVED.contains(name))
          .sorted()
          .toList();
    }
  }

  private static BuiltLayer layer(Buildpack buildpack, Path folder, String name, TomlTable toml) {
    var types = toml.getTableOrEmpty("types");
    return new BuiltLayer(
        buildpack,
        name,
        folder,
        TomlFile.flag(types, "build"),
        TomlFile.flag(types, "launch")
            && ExecutionEnvironment.concerns(toml.getTableOrEmpty("metadata")),
        TomlFile.flag(types, "cache"),
        false,
        TomlFile.plain(toml.getTableOrEmpty("metadata")));
  }

  private static void requireName(String name) throws BuildRefused {
    if (!name.matches("[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*")) {
      throw BuildRefused.because(
          "the buildpack declares a layer '%s', which is no name for a folder".formatted(name),
          "correct the buildpack");
    }
  }
}
