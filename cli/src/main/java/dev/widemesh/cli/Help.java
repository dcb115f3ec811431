package dev.widemesh.cli;

import java.util.List;

/// What `mesh`, `mesh svc` and `mesh help TOPIC` print. Needs no picocli, so that it comes at once.
final class Help {
  private Help() {}

  static void group(Terminal terminal, List<String> words) {
    var below = Words.below(words);
    var prefix = "mesh" + (words.isEmpty() ? "" : " " + String.join(" ", words));
    if (words.isEmpty()) {
      terminal.say("mesh: git push to your own servers");
      terminal.say("");
    }
    terminal.say("Usage: " + prefix + " COMMAND [OPTIONS]");
    terminal.say("");
    var width = below.stream().mapToInt(verb -> verb.path().length()).max().orElse(0);
    var previous = below.getFirst();
    for (var verb : below) {
      if (!together(previous, verb)) {
        terminal.say("");
      }
      terminal.say("  %s  %s".formatted(padded(verb.path(), width), verb.summary()));
      previous = verb;
    }
    terminal.say("");
    terminal.say("Every command explains itself: " + prefix + " COMMAND --help");
    if (words.isEmpty()) {
      terminal.say("Topics: mesh help exit-codes, mesh help targets, mesh help variables");
    }
  }

  /// Commands of one word stand together, and those that share their first.
  private static boolean together(Verb one, Verb other) {
    var single = one.words().size() == 1 && other.words().size() == 1;
    return single || one.words().getFirst().equals(other.words().getFirst());
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(width - text.length());
  }

  static void exitCodes(Terminal terminal) {
    terminal.say("mesh exits with one decade per stage:");
    terminal.say("");
    for (var code : ExitCode.values()) {
      terminal.say("%4d  %s".formatted(code.value(), code.meaning()));
    }
    terminal.say(" 130  interrupted with Ctrl-C; a deployment goes on by itself");
  }

  static void targets(Terminal terminal) {
    terminal.say(
        """
        The environment, and likewise the stack, is the first of:

          1. the option --env (-e), --stack (-s)
          2. the variable MESH_ENV, MESH_STACK
          3. the git remote 'widemesh' of the repository you stand in
          4. what mesh use ENV/STACK stored for you

        mesh use shows what is in force here, and where it comes from.""");
  }

  static void variables(Terminal terminal) {
    terminal.say(
        """
        MESH_API, MESH_TOKEN   the controller and the token, instead of a login file
        MESH_LOGIN             the login file; default ~/.config/widemesh/login.json
        MESH_ENV, MESH_STACK   environment and stack
        MESH_DEBUG             show where an error came from
        NO_COLOR               no colours
        COLUMNS                the width of tables""");
  }
}
