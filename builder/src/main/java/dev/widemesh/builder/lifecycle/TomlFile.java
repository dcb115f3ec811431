package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/// Reads the TOML files of buildpacks, and writes the few that they read.
final class TomlFile {
  private TomlFile() {}

  /// An absent file reads as an empty one.
  static TomlTable read(Path file) throws IOException, BuildRefused {
    if (!Files.exists(file)) {
      return Toml.parse("");
    }
    var result = Toml.parse(file);
    if (result.hasErrors()) {
      throw BuildRefused.because(
          "%s is not TOML: %s".formatted(file.getFileName(), result.errors().getFirst()),
          "correct the buildpack that wrote it");
    }
    return result;
  }

  static List<TomlTable> tables(TomlTable table, String key) {
    if (!table.contains(List.of(key)) || !table.isArray(List.of(key))) {
      return List.of();
    }
    var array = table.getArrayOrEmpty(List.of(key));
    var found = new ArrayList<TomlTable>();
    for (var i = 0; i < array.size(); i++) {
      if (array.get(i) instanceof TomlTable entry) {
        found.add(entry);
      }
    }
    return found;
  }

  /// A list of strings, or a single string as a list of one.
  static List<String> strings(TomlTable table, String key) {
    return switch (table.get(List.of(key))) {
      case TomlArray array -> array.toList().stream().map(String::valueOf).toList();
      case String one -> List.of(one);
      case null, default -> List.of();
    };
  }

  static Optional<String> string(TomlTable table, String key) {
    return Optional.ofNullable(table.get(List.of(key))).map(String::valueOf);
  }

  static boolean flag(TomlTable table, String key) {
    return Boolean.TRUE.equals(table.get(List.of(key)));
  }

  /// As JSON-like Java values: maps, lists, strings, numbers, booleans.
  static Map<String, Object> plain(TomlTable table) {
    return table.keySet().stream()
        .collect(
            Collectors.toMap(
                key -> key, key -> plain(table.get(List.of(key))), (a, _) -> a, sorted()));
  }

  private static java.util.function.Supplier<Map<String, Object>> sorted() {
    return java.util.TreeMap::new;
  }

  private static Object plain(@org.jspecify.annotations.Nullable Object value) {
    return switch (value) {
      case TomlTable table -> plain(table);
      case TomlArray array -> array.toList().stream().map(TomlFile::plain).toList();
      case String text -> text;
      case Boolean flag -> flag;
      case Long number -> number;
      case Double number -> number;
      case null -> "";
      default -> value.toString();
    };
  }

  /// One value on one line; tables become inline tables.
  static String value(Object value) {
    return switch (value) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(e -> key(String.valueOf(e.getKey())) + " = " + value(entry(e)))
              .collect(Collectors.joining(", ", "{ ", " }"));
      case List<?> list ->
          list.stream().map(TomlFile::value).collect(Collectors.joining(", ", "[", "]"));
      case Boolean flag -> flag.toString();
      case Integer number -> number.toString();
      case Long number -> number.toString();
      case Double number -> number.toString();
      default -> quote(value.toString());
    };
  }

  private static Object entry(Map.Entry<?, ?> entry) {
    var value = entry.getValue();
    return value == null ? "" : value;
  }

  /// `[name]` and the entries below it, nothing when there are none.
  static String table(String name, Map<String, ?> entries) {
    return entries.isEmpty()
        ? ""
        : entries.entrySet().stream()
            .map(e -> key(e.getKey()) + " = " + value(e.getValue()) + "\n")
            .collect(Collectors.joining("", "[" + name + "]\n", ""));
  }

  // Bare where it can be: scripts look for `key = ` with grep.
  private static String key(String name) {
    return name.matches("[A-Za-z0-9_-]+") ? name : quote(name);
  }

  static String quote(String text) {
    var out = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                out.append('\\').appendCodePoint(c);
              } else if (c < 0x20 || c == 0x7f) {
                out.append("\\u%04x".formatted(c));
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.append('"').toString();
  }
}
