package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// A bill of materials that a buildpack wrote: of one layer, or, without one, of all else that it
/// put into the image.
record Sbom(String layer, String format, Path file) {
  private static final Pattern NAME = Pattern.compile("(.+)\\.sbom\\.(cdx|spdx|syft)\\.json");
  private static final String OF_THE_IMAGE = "launch";
  private static final String OF_THE_BUILD = "build";
  private static final long LARGEST = 20_000_000;

  /// Those in a buildpack's folder, but for what only its build had. Only while the build is
  /// paused.
  static List<Sbom> of(Path folder) throws IOException {
    var found = new ArrayList<Sbom>();
    try (var files = Files.list(folder)) {
      for (var file : files.sorted().toList()) {
        var name = NAME.matcher(String.valueOf(file.getFileName()));
        if (name.matches() && Contained.isRealFile(file) && Files.size(file) <= LARGEST) {
          if (!name.group(1).equals(OF_THE_BUILD)) {
            var layer = name.group(1).equals(OF_THE_IMAGE) ? "" : name.group(1);
            found.add(new Sbom(layer, name.group(2), file));
          }
        }
      }
    }
    return found;
  }

  static String fileName(String layer, String format) {
    return layer + ".sbom." + format + ".json";
  }

  /// Where it lies in the image.
  String inside(Buildpack buildpack) {
    return "/layers/sbom/launch/%s/%ssbom.%s.json"
        .formatted(buildpack.escapedId(), layer.isEmpty() ? "" : layer + "/", format);
  }
}
