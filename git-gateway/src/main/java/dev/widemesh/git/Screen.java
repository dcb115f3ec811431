package dev.widemesh.git;

import dev.widemesh.api.OutputLine;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.api.OutputLine.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.regex.Pattern;

/// Lines for the person who pushes, one `remote:` line each. To be used by one thread only: JGit's
/// streams are not made for two.
final class Screen {
  private static final int MAX_LINE = 4_000;
  private static final Pattern ESCAPES =
      Pattern.compile("\u001b\\[[0-9;?]*[ -/]*[@-~]|\u001b\\][^\u0007\u001b]*(\u0007|\u001b\\\\)?");

  // Those beyond ASCII too: U+009B begins a sequence as ESC [ does, and U+202E turns text around.
  private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\t\\u200C\\u200D]]");

  private final OutputStream messages;
  private boolean lost;

  /// `messages` is git's side band for progress.
  Screen(OutputStream messages) {
    this.messages = messages;
  }

  void show(Draft line) {
    show(new OutputLine(0, Instant.EPOCH, "", line.kind(), line.text()));
  }

  void show(OutputLine line) {
    write(clean(line.render()));
  }

  void refuse(String what, String remedy) {
    show(new Draft(Kind.REFUSAL, what));
    if (!remedy.isEmpty()) {
      show(new Draft(Kind.REFUSAL, "Try: " + remedy));
    }
  }

  /// One line of harmless text: the output of a build must not steer the terminal.
  static String clean(String text) {
    var plain = CONTROLS.matcher(ESCAPES.matcher(text).replaceAll("")).replaceAll("");
    return plain.length() > MAX_LINE ? plain.substring(0, MAX_LINE) + " ..." : plain;
  }

  private void write(String line) {
    if (lost) {
      return;
    }
    try {
      messages.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      messages.flush();
    } catch (IOException _) {
      // The client is gone, which the guarded stream below remembers; the deployment goes on.
      lost = true;
    }
  }
}
