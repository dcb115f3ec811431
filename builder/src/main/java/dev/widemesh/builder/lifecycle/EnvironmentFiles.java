package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Environment variables as files: `NAME` or `NAME.override` sets, `NAME.default` sets what is
/// empty, `NAME.prepend` and `NAME.append` join with the content of `NAME.delim` (nothing without).
/// Contents count to the byte.
final class EnvironmentFiles {
  /// Where a layer's folders go in a build: folder, then the variables that get it.
  private static final List<Map.Entry<String, List<String>>> ROOTS =
      List.of(
          Map.entry("bin", List.of("PATH")),
          Map.entry("lib", List.of("LD_LIBRARY_PATH", "LIBRARY_PATH")),
          Map.entry("include", List.of("CPATH")),
          Map.entry("pkgconfig", List.of("PKG_CONFIG_PATH")));

  private EnvironmentFiles() {}

  /// A layer with `build = true`, seen by the buildpacks after it. `inside` is its path there.
  static void addLayer(Map<String, String> environment, Path layer, String inside, Contained guard)
      throws IOException {
    for (var root : ROOTS) {
      if (guard.isFolder(layer.resolve(root.getKey()))) {
        var path = inside + "/" + root.getKey();
        root.getValue().forEach(name -> join(environment, name, path, ":", true));
      }
    }
    apply(environment, layer.resolve("env"), guard);
    apply(environment, layer.resolve("env.build"), guard);
  }

  static void apply(Map<String, String> environment, Path folder, Contained guard)
      throws IOException {
    if (!guard.isFolder(folder)) {
      return;
    }
    try (var files = Files.list(folder)) {
      for (var file : files.sorted().toList()) {
        if (guard.isFile(file)) {
          applyFile(environment, file, guard);
        }
      }
    }
  }

  private static void applyFile(Map<String, String> environment, Path file, Contained guard)
      throws IOException {
    var fileName = String.valueOf(file.getFileName());
    var dot = fileName.indexOf('.');
    var name = dot < 0 ? fileName : fileName.substring(0, dot);
    var value = Files.readString(file);
    switch (dot < 0 ? "override" : fileName.substring(dot + 1)) {
      case "override" -> environment.put(name, value);
      case "default" -> environment.merge(name, value, (old, fresh) -> old.isEmpty() ? fresh : old);
      case "prepend" -> join(environment, name, value, delimiter(file, name, guard), true);
      case "append" -> join(environment, name, value, delimiter(file, name, guard), false);
      default -> {} // the specification ignores other suffixes
    }
  }

  private static String delimiter(Path file, String name, Contained guard) throws IOException {
    var delimiter = file.resolveSibling(name + ".delim");
    return guard.isFile(delimiter) ? Files.readString(delimiter) : "";
  }

  private static void join(
      Map<String, String> environment, String name, String value, String delimiter, boolean front) {
    environment.merge(
        name,
        value,
        (old, fresh) -> {
          if (old.isEmpty()) {
            return fresh;
          }
          return front ? fresh + delimiter + old : old + delimiter + fresh;
        });
  }
}
