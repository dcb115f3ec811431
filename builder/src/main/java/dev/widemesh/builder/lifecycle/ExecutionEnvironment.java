package dev.widemesh.builder.lifecycle;

import java.util.List;
import org.tomlj.TomlTable;

/// What images are made for. Buildpacks may say, under `exec-env`, that something is for tests or
/// for development alone: here all is for production.
final class ExecutionEnvironment {
  static final String OURS = "production";
  private static final String KEY = "exec-env";
  private static final String ALL = "*";

  private ExecutionEnvironment() {}

  /// Whether what the table describes is for it: also where it does not say. The specification has
  /// a list of names, or of tables that have a `name`.
  static boolean concerns(TomlTable table) {
    var tables = TomlFile.tables(table, KEY);
    var names =
        tables.isEmpty()
            ? TomlFile.strings(table, KEY)
            : tables.stream().flatMap(each -> TomlFile.string(each, "name").stream()).toList();
    return names.isEmpty() || names.stream().anyMatch(List.of(OURS, ALL)::contains);
  }
}
