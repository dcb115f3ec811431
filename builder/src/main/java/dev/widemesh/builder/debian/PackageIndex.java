package dev.widemesh.builder.debian;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tukaani.xz.XZInputStream;

/// All packages that there are, the newest of each.
final class PackageIndex {
  private static final Set<String> FIELDS =
      Set.of(
          "Package",
          "Version",
          "Architecture",
          "Source",
          "Filename",
          "SHA256",
          "Size",
          "Pre-Depends",
          "Depends",
          "Provides");
  private static final int MEMORY_KIB = 128 << 10;

  private final Map<String, DebianPackage> packages = new HashMap<>();
  private final Map<String, Set<String>> providers = new HashMap<>();

  /// Adds what a `Packages.xz` lists.
  void add(Path compressed, String mirror) throws IOException {
    try (var xz = new XZInputStream(Files.newInputStream(compressed), MEMORY_KIB);
        var lines = new BufferedReader(new InputStreamReader(xz, StandardCharsets.UTF_8))) {
      var stanza = new TreeMap<String, String>();
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        var colon = line.indexOf(':');
        if (line.isEmpty()) {
          add(stanza, mirror);
          stanza.clear();
        } else if (colon > 0 && FIELDS.contains(line.substring(0, colon))) {
          stanza.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
      }
      add(stanza, mirror);
    }
  }

  private void add(Map<String, String> stanza, String mirror) {
    if (!stanza.isEmpty()) {
      var found = DebianPackage.of(stanza, mirror);
      packages.merge(found.name(), found, DebianPackage::newer);
      for (var provided : found.provides()) {
        providers.computeIfAbsent(provided, _ -> new TreeSet<>()).add(found.name());
      }
    }
  }

  Optional<DebianPackage> find(String name) {
    return Optional.ofNullable(packages.get(name));
  }

  /// Who fulfils a need for `name`: the package itself first, then those that provide it.
  List<DebianPackage> fulfilling(String name) {
    var names = new LinkedHashSet<String>();
    names.add(name);
    names.addAll(providers.getOrDefault(name, Set.of()));
    return names.stream().map(this::find).flatMap(Optional::stream).toList();
  }
}
