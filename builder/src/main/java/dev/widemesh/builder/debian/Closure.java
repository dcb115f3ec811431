package dev.widemesh.builder.debian;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Finds all packages that the wanted ones need. Decides, and only decides.
final class Closure {
  private final PackageIndex index;
  private final Set<String> unneeded;
  private final Map<String, DebianPackage> chosen = new TreeMap<>();
  private final ArrayDeque<DebianPackage> open = new ArrayDeque<>();

  private Closure(PackageIndex index, Set<String> unneeded) {
    this.index = index;
    this.unneeded = unneeded;
  }

  /// Sorted by name. `unneeded` are never taken: what only serves installing, or a running system.
  static List<DebianPackage> of(List<String> wanted, Set<String> unneeded, PackageIndex index)
      throws MirrorFailed {
    var closure = new Closure(index, unneeded);
    for (var name : wanted) {
      closure.choose(
          index
              .find(name)
              .orElseThrow(() -> new MirrorFailed("Debian's package list has no " + name)));
    }
    while (!closure.open.isEmpty()) {
      var next = closure.open.remove();
      for (var alternatives : next.depends()) {
        closure.fulfil(next.name(), alternatives);
      }
    }
    return List.copyOf(closure.chosen.values());
  }

  private void choose(DebianPackage found) {
    if (chosen.putIfAbsent(found.name(), found) == null) {
      open.add(found);
    }
  }

  /// By what is chosen already, else by the first alternative that exists.
  private void fulfil(String whose, List<String> alternatives) throws MirrorFailed {
    var candidates =
        alternatives.stream().flatMap(name -> index.fulfilling(name).stream()).toList();
    if (alternatives.stream().anyMatch(unneeded::contains)
        || candidates.stream().anyMatch(each -> chosen.containsKey(each.name()))) {
      return;
    }
    Optional<DebianPackage> first = candidates.stream().findFirst();
    if (first.isEmpty()) {
      throw new MirrorFailed(
          "Debian's package list has nothing for " + whose + "'s " + alternatives);
    }
    choose(first.get());
  }
}
