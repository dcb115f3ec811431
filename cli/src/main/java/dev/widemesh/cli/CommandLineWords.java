package dev.widemesh.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A command line, split into the words that name the command and all the rest.
///
/// `mesh -e shop svc ls` means the same as `mesh svc ls -e shop`: such options move behind.
record CommandLineWords(List<String> words, List<String> rest) {
  private static final Set<String> WITH_VALUE = Set.of("-e", "--env", "-s", "--stack");
  private static final Set<String> WITHOUT = Set.of("--json");

  CommandLineWords {
    words = List.copyOf(words);
    rest = List.copyOf(rest);
  }

  static CommandLineWords of(List<String> args) {
    var words = new ArrayList<String>();
    var options = new ArrayList<String>();
    var at = 0;
    while (at < args.size() && !Words.after(words).isEmpty()) {
      var arg = args.get(at);
      var size = optionSize(arg);
      if (size > 0) {
        var end = Math.min(at + size, args.size());
        options.addAll(args.subList(at, end));
        at = end;
      } else if (Words.after(words).contains(arg)) {
        words.add(arg);
        at++;
      } else {
        break;
      }
    }
    options.addAll(args.subList(at, args.size()));
    return new CommandLineWords(words, options);
  }

  Optional<Verb> verb() {
    return Words.verb(words);
  }

  boolean asksForHelp() {
    return rest.isEmpty() || rest.contains("--help") || rest.contains("-h");
  }

  /// The first word that no command has; empty when only options are left.
  Optional<String> stranger() {
    var before = "";
    for (var word : rest) {
      if (!word.startsWith("-") && !WITH_VALUE.contains(before)) {
        return Optional.of(word);
      }
      before = word;
    }
    return Optional.empty();
  }

  private static int optionSize(String arg) {
    if (WITH_VALUE.contains(arg)) {
      return 2;
    }
    return WITHOUT.contains(arg) || arg.startsWith("--env=") || arg.startsWith("--stack=") ? 1 : 0;
  }
}
