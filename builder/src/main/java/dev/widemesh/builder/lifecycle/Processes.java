package dev.widemesh.builder.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Merges the processes of several buildpacks: of one type the last counts, and the last default.
final class Processes {
  private Processes() {}

  /// At most one of the result is the default: none when a later buildpack redefined the default
  /// type without saying so again. In order of their types.
  static List<LaunchProcess> merge(List<List<LaunchProcess>> perBuildpack) {
    var byType = new TreeMap<String, LaunchProcess>();
    var preferred = Optional.<String>empty();
    for (var process : perBuildpack.stream().flatMap(List::stream).toList()) {
      byType.put(process.type(), process.asDefault(false));
      if (process.isDefault()) {
        preferred = Optional.of(process.type());
      } else {
        preferred = preferred.filter(type -> !type.equals(process.type()));
      }
    }
    var merged = new ArrayList<LaunchProcess>();
    for (var process : byType.values()) {
      merged.add(process.asDefault(preferred.filter(process.type()::equals).isPresent()));
    }
    return List.copyOf(merged);
  }
}
