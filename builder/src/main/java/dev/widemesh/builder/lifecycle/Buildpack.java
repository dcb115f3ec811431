package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.tomlj.TomlTable;

/// A buildpack as its folder describes it. One with an `order` is composite: it stands for others.
record Buildpack(
    String id,
    String version,
    boolean clearEnvironment,
    String folder,
    List<List<Member>> order,
    List<Target> targets,
    String name) {
  private static final Set<String> APIS = Set.of("0.7", "0.8", "0.9", "0.10", "0.11", "0.12");

  /// One place in a group.
  record Member(String id, boolean optional) {}

  Buildpack {
    order = order.stream().map(List::copyOf).toList();
    targets = List.copyOf(targets);
  }

  static Buildpack read(Path folder) throws IOException, BuildRefused {
    var toml = TomlFile.read(folder.resolve("buildpack.toml"));
    var about = toml.getTableOrEmpty("buildpack");
    var api = TomlFile.string(toml, "api").orElse("none");
    var id = TomlFile.string(about, "id").orElse("");
    if (!APIS.contains(api) || id.isEmpty()) {
      throw BuildRefused.because(
          "the buildpack in %s has no id or an unknown API (%s)"
              .formatted(folder.getFileName(), api),
          "use a buildpack with API 0.7 to 0.12");
    }
    return new Buildpack(
        id,
        TomlFile.string(about, "version").orElse("0"),
        TomlFile.flag(about, "clear-env"),
        String.valueOf(folder.getFileName()),
        order(toml),
        TomlFile.tables(toml, "targets").stream().map(Target::parse).toList(),
        TomlFile.string(about, "name").orElse(id));
  }

  /// One that only names stacks, as those of older APIs, is taken at its word.
  boolean runsOn(Target there) {
    return targets.isEmpty() || targets.stream().anyMatch(target -> target.covers(there));
  }

  /// In words.
  String madeFor() {
    return targets.stream().map(Target::toString).collect(Collectors.joining(", "));
  }

  /// The groups of `[[order]]`, in an `order.toml` or a composite buildpack.
  static List<List<Member>> order(TomlTable toml) {
    return TomlFile.tables(toml, "order").stream()
        .map(entry -> TomlFile.tables(entry, "group").stream().map(Buildpack::member).toList())
        .toList();
  }

  private static Member member(TomlTable table) {
    return new Member(TomlFile.string(table, "id").orElse(""), TomlFile.flag(table, "optional"));
  }

  /// The name of its folder below `/layers`.
  String escapedId() {
    return id.replace('/', '_');
  }

  String inside() {
    return "/cnb/buildpacks/" + folder;
  }
}
