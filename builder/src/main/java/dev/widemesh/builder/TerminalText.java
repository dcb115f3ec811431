package dev.widemesh.builder;

import java.util.regex.Pattern;

/// Makes a line of a program's output fit for other people's terminals.
final class TerminalText {
  private static final Pattern ESCAPES =
      Pattern.compile(
          "\u001B(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001B]*(?:\u0007|\u001B\\\\)?|.)?");
  private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\\t]]");

  private TerminalText() {}

  /// Without escape sequences and control characters; of a line that redraws itself, the last
  /// state.
  static String clean(String line) {
    var end = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    var shown = end.substring(end.lastIndexOf('\r') + 1);
    return CONTROLS.matcher(ESCAPES.matcher(shown).replaceAll("")).replaceAll("").stripTrailing();
  }
}
