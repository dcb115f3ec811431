package dev.widemesh.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The words of all commands as a tree: what may follow, and which command they name.
final class Words {
  private Words() {}

  /// The command these words call, however they are spelt.
  static Optional<Verb> verb(List<String> words) {
    for (var verb : Verb.values()) {
      for (var spelling : verb.spellings()) {
        if (spelling.size() == words.size() && startsWith(spelling, words)) {
          return Optional.of(verb);
        }
      }
    }
    return Optional.empty();
  }

  /// Every word that may come next, in every spelling. None after a whole command.
  static Set<String> after(List<String> words) {
    var next = new LinkedHashSet<String>();
    for (var verb : Verb.values()) {
      for (var spelling : verb.spellings()) {
        if (spelling.size() > words.size() && startsWith(spelling, words)) {
          next.addAll(spelling.get(words.size()));
        }
      }
    }
    return next;
  }

  /// The commands below these words.
  static List<Verb> below(List<String> words) {
    var found = new LinkedHashSet<Verb>();
    for (var verb : Verb.values()) {
      for (var spelling : verb.spellings()) {
        if (startsWith(spelling, words)) {
          found.add(verb);
        }
      }
    }
    return List.copyOf(found);
  }

  private static boolean startsWith(List<List<String>> spelling, List<String> words) {
    for (var i = 0; i < words.size(); i++) {
      if (i >= spelling.size() || !spelling.get(i).contains(words.get(i))) {
        return false;
      }
    }
    return true;
  }
}
