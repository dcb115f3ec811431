package dev.widemesh.controller;

import dev.widemesh.model.Nearest;
import java.util.Collection;
import java.util.TreeSet;

/// The words for a name that nothing has.
final class Absent {
  private static final int SHOWN = 60;

  private Absent() {}

  /// "no environment 'shpo'; did you mean 'shop'?"
  static String of(String what, String text, Collection<String> names) {
    var shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    var near = Nearest.to(text, new TreeSet<>(names));
    return "no %s '%s'%s"
        .formatted(what, shown, near.map(name -> "; did you mean '" + name + "'?").orElse(""));
  }
}
