package dev.widemesh.builder.lifecycle;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tomlj.TomlTable;

/// What one buildpack provides and requires: the first alternative that works counts.
record BuildPlan(List<Alternative> alternatives) {
  record Alternative(List<String> provides, List<Requirement> requires) {
    Alternative {
      provides = List.copyOf(provides);
      requires = List.copyOf(requires);
    }
  }

  record Requirement(String name, Map<String, Object> metadata) {
    Requirement {
      metadata = Map.copyOf(metadata);
    }
  }

  BuildPlan {
    alternatives = List.copyOf(alternatives);
  }

  static BuildPlan parse(TomlTable toml) {
    return new BuildPlan(
        Stream.concat(Stream.of(toml), TomlFile.tables(toml, "or").stream())
            .map(BuildPlan::alternative)
            .toList());
  }

  private static Alternative alternative(TomlTable toml) {
    return new Alternative(
        TomlFile.tables(toml, "provides").stream().map(BuildPlan::name).toList(),
        TomlFile.tables(toml, "requires").stream().map(BuildPlan::requirement).toList());
  }

  private static String name(TomlTable toml) {
    return TomlFile.string(toml, "name").orElse("");
  }

  private static Requirement requirement(TomlTable toml) {
    return new Requirement(name(toml), TomlFile.plain(toml.getTableOrEmpty("metadata")));
  }
}
