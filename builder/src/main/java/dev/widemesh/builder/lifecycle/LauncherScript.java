package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/// The program that every image starts with: bash, made for the image, the same for the same image.
final class LauncherScript {
  static final String PATH = "/cnb/lifecycle/launcher";

  private LauncherScript() {}

  /// `layers` are the launch layers' paths, a list for each buildpack, in order.
  static String write(List<List<String>> layers, List<LaunchProcess> processes) {
    var preferred =
        processes.stream().filter(LaunchProcess::isDefault).map(LaunchProcess::type).findFirst();
    return template()
        .replace("@PROCESSES@\n", lines(processes.stream().map(LauncherScript::declaration)))
        .replace("@LAYERS@\n", lines(layers.stream().map(LauncherScript::line)))
        .replace("@DEFAULT@", preferred.orElse(""));
  }

  private static String lines(java.util.stream.Stream<String> lines) {
    return lines.map(line -> line + "\n").collect(Collectors.joining());
  }

  private static String declaration(LaunchProcess process) {
    return "    %s) __wm_command=(%s) __wm_args=(%s) __wm_given=(%s) __wm_directory=%s ;;"
        .formatted(
            quote(process.type()),
            quoted(process.command()),
            quoted(process.args()),
            quoted(process.given()),
            quote(process.workingDirectory()));
  }

  private static String line(List<String> layers) {
    return "  " + quote(String.join(" ", layers));
  }

  private static String quoted(List<String> words) {
    return words.stream().map(LauncherScript::quote).collect(Collectors.joining(" "));
  }

  /// As one word of a shell, whatever is in it.
  static String quote(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  private static String template() {
    try (var script = LauncherScript.class.getResourceAsStream("launcher.sh")) {
      if (script == null) {
        throw new IllegalStateException("launcher.sh is not in the jar");
      }
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
