package dev.widemesh.controller;

import dev.widemesh.api.Views.Finding;
import java.util.LinkedHashSet;
import java.util.Set;

/// What was found so far, about one part.
final class Findings {
  private final String part;
  private final Set<Finding> found;

  private Findings(String part, Set<Finding> found) {
    this.part = part;
    this.found = found;
  }

  static Findings about(String part) {
    return new Findings(part, new LinkedHashSet<>());
  }

  void add(String what, String remedy) {
    found.add(new Finding(part, what, remedy));
  }

  Set<Finding> all() {
    return Set.copyOf(found);
  }
}
