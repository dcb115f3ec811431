package dev.widemesh.cli;

import dev.widemesh.api.Json;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/// Where people read and type, or where a script does: then plain, and as wide as it likes.
///
/// `width` counts columns; `talks` is whether somebody can be asked.
record Terminal(
    InputStream in, PrintStream out, PrintStream err, int width, boolean colours, boolean talks) {
  private static final int UNLIMITED = Integer.MAX_VALUE;

  /// The launcher script knows what is a terminal and how wide: asking from here is slow.
  static Terminal ofProcess(Map<String, String> environment) {
    var kinds = System.getProperty("mesh.terminal", "");
    var shown = kinds.contains("out");
    var width = shown ? columns(environment) : UNLIMITED;
    var plain = environment.containsKey("NO_COLOR") || "dumb".equals(environment.get("TERM"));
    return new Terminal(
        System.in,
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
        width,
        shown && kinds.contains("err") && !plain,
        kinds.contains("in") && kinds.contains("err"));
  }

  static Terminal plain(InputStream in, PrintStream out, PrintStream err) {
    return new Terminal(in, out, err, UNLIMITED, false, false);
  }

  private static int columns(Map<String, String> environment) {
    var text = environment.getOrDefault("COLUMNS", System.getProperty("mesh.columns", "80"));
    try {
      var columns = Integer.parseInt(text.strip());
      return columns > 0 ? columns : 80;
    } catch (NumberFormatException _) {
      return 80;
    }
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    var buffer = new BufferedOutputStream(new FileOutputStream(descriptor), 8192);
    return new PrintStream(buffer, true, StandardCharsets.UTF_8);
  }

  void say(String line) {
    out.println(line);
  }

  /// What a script would read goes where people read.
  Terminal aside() {
    return new Terminal(in, err, err, width, colours, talks);
  }

  /// For people only: what happens, what to do next. Never part of what a script reads.
  void note(String line) {
    err.println(paint(Colour.DIM, line));
  }

  String paint(Colour colour, String text) {
    return colours ? colour.paint(text) : text;
  }

  void json(Object value) {
    try {
      say(Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Asks on the terminal; empty text when nothing was typed.
  String ask(String question) throws IOException {
    err.print(question + " ");
    err.flush();
    var typed = new StringBuilder();
    for (var c = in.read(); c >= 0 && c != '\n' && typed.length() < 4096; c = in.read()) {
      typed.append((char) c);
    }
    return typed.toString().strip();
  }

  /// Asks without showing what is typed.
  String askSecretly(String question) throws IOException {
    // Nothing when standard output goes elsewhere: then what is typed shows.
    var console = Optional.ofNullable(System.console());
    if (console.isEmpty()) {
      return ask(question);
    }
    var typed = console.get().readPassword("%s ", question);
    return typed == null ? "" : new String(typed).strip();
  }

  // Beyond ASCII too: U+009B begins a sequence as ESC [ does, and U+202E turns text around.
  private static boolean mayNeedTaming(int letter) {
    return Character.isISOControl(letter) || Character.getType(letter) == Character.FORMAT;
  }

  /// Apps may colour their lines; nothing else of theirs may steer the terminal.
  String tame(String text) {
    if (text.chars().noneMatch(Terminal::mayNeedTaming)) {
      return text;
    }
    var coloured = colours ? "\\x1B(?!\\[[0-9;]*m)" : "\\x1B(\\[[0-9;?]*[ -/]*[@-~])?";
    var tamed =
        text.replaceAll(coloured, "").replaceAll("[\\p{Cc}\\p{Cf}&&[^\\t\\x1B\\u200C\\u200D]]", "");
    return colours && tamed.indexOf('\033') >= 0 ? tamed + "\033[0m" : tamed;
  }
}
