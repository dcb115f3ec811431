package dev.widemesh.builder.lifecycle;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tomlj.TomlTable;

/// What a buildpack is made for. What it does not say it does not mind.
record Target(String os, String architecture, List<Distribution> distributions) {
  record Distribution(String name, String version) {
    boolean covers(Distribution there) {
      return (name.isEmpty() || name.equals(there.name()))
          && (version.isEmpty() || version.equals(there.version()));
    }

    @Override
    public String toString() {
      return (name + " " + version).strip();
    }
  }

  Target {
    distributions = List.copyOf(distributions);
  }

  static Target parse(TomlTable table) {
    return new Target(
        TomlFile.string(table, "os").orElse(""),
        TomlFile.string(table, "arch").orElse(""),
        TomlFile.tables(table, "distros").stream()
            .map(
                distribution ->
                    new Distribution(
                        TomlFile.string(distribution, "name").orElse(""),
                        TomlFile.string(distribution, "version").orElse("")))
            .toList());
  }

  /// Whether what is made for this can be used there, where exactly one distribution is.
  boolean covers(Target there) {
    return (os.isEmpty() || os.equals(there.os()))
        && (architecture.isEmpty() || architecture.equals(there.architecture()))
        && (distributions.isEmpty()
            || distributions.stream()
                .anyMatch(each -> there.distributions().stream().anyMatch(each::covers)));
  }

  @Override
  public String toString() {
    return Stream.concat(
            Stream.of(os, architecture).filter(word -> !word.isEmpty()),
            distributions.stream().map(Distribution::toString))
        .collect(Collectors.joining(" "));
  }
}
