package dev.widemesh.rack;

import dev.widemesh.api.rack.InstanceSpec;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Why a container ended, in one line.
final class ExitMessage {
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final Map<Integer, String> SIGNALS =
      Map.of(
          4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 13,
          "SIGPIPE", 15, "SIGTERM");

  /// `sh: 1: gunicorn: not found`, `bash: line 1: foo: command not found`, `[FATAL tini (7)] exec
  /// foo failed: No such file or directory`.
  private static final List<Pattern> MISSING =
      List.of(
          Pattern.compile("exec (\\S+) failed: No such file"),
          Pattern.compile("(?:line )?\\d+: (\\S+): (?:command )?not found"),
          Pattern.compile(": (\\S+): (?:command )?not found"));

  private ExitMessage() {}

  static String of(int exitCode, boolean outOfMemory, InstanceSpec spec, List<String> lastLines) {
    if (outOfMemory) {
      return "out of memory (limit %d MB)".formatted(spec.memoryBytes() / 1_000_000);
    }
    if (exitCode == NOT_FOUND) {
      return "command not found: " + missing(spec, lastLines);
    }
    if (exitCode == NOT_EXECUTABLE) {
      return "not executable: " + program(spec);
    }
    if (exitCode > 128 && exitCode < 160) {
      var signal = exitCode - 128;
      return "killed by " + SIGNALS.getOrDefault(signal, "signal " + signal);
    }
    return "exited with code " + exitCode;
  }

  private static String missing(InstanceSpec spec, List<String> lastLines) {
    for (var line : lastLines.reversed()) {
      for (var pattern : MISSING) {
        var matcher = pattern.matcher(line);
        if (matcher.find()) {
          return matcher.group(1);
        }
      }
    }
    return program(spec);
  }

  private static String program(InstanceSpec spec) {
    if (spec.command().isEmpty()) {
      return "the image's own command";
    }
    var last = spec.command().getLast().strip();
    var viaShell = spec.command().contains("-c");
    return viaShell ? last.split("\\s+", 2)[0] : spec.command().getFirst();
  }
}
