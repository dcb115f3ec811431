package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.ProcessType;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.ServiceName;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The commands that a `Procfile` gives, by type, in its order; `release` is one of its own.
record Procfile(Map<String, String> commands, Optional<String> release) {
  static final Procfile NONE = new Procfile(Map.of(), Optional.empty());
  private static final Pattern LINE = Pattern.compile("([A-Za-z0-9_-]+):\\s*(.*)");
  private static final long MOST_BYTES = 100_000;

  static Procfile read(Path workspace) throws IOException, BuildRefused {
    var file = workspace.resolve("Procfile");
    if (Files.isSymbolicLink(file)) {
      requireInside(workspace, file);
    }
    if (!Files.isRegularFile(file)) {
      return NONE;
    }
    if (Files.size(file) > MOST_BYTES) {
      throw BuildRefused.because("the Procfile is larger than 100 kB", "make it shorter");
    }
    try {
      return parse(Files.readString(file));
    } catch (MalformedInputException _) {
      throw BuildRefused.because("the Procfile is not UTF-8", "save it as UTF-8");
    }
  }

  private static void requireInside(Path workspace, Path link) throws IOException, BuildRefused {
    if (!Files.exists(link) || !link.toRealPath().startsWith(workspace.toRealPath())) {
      throw BuildRefused.because(
          "the Procfile is a link that leads out of the app: " + Files.readSymbolicLink(link),
          "commit the file itself instead of the link");
    }
  }

  /// With processes it is the whole list (one with only a worker means no web service); otherwise
  /// `web` starts the app. Empty where neither says anything.
  List<ProcessType> processes(List<String> web) {
    if (commands.isEmpty()) {
      return web.isEmpty() ? List.of() : List.of(new ProcessType("web", null, web));
    }
    return commands.entrySet().stream()
        .map(entry -> new ProcessType(entry.getKey(), entry.getValue(), null))
        .toList();
  }

  static Procfile parse(String text) throws BuildRefused {
    var commands = new LinkedHashMap<String, String>();
    var lines = text.replace("\uFEFF", "").lines().toList();
    for (var i = 0; i < lines.size(); i++) {
      var line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        add(commands, line, i + 1);
      }
    }
    var release = Optional.ofNullable(commands.remove("release"));
    return new Procfile(commands, release);
  }

  private static void add(Map<String, String> commands, String line, int number)
      throws BuildRefused {
    var match = LINE.matcher(line);
    if (!match.matches() || match.group(2).isBlank()) {
      throw refused(number, line, "is not '<type>: <command>'", "write it like 'web: node app.js'");
    }
    var type = match.group(1);
    var refusal = ServiceName.refusal(type);
    if (refusal.isPresent()) {
      throw refused(number, line, "names no service: " + refusal.get(), hint(type));
    }
    if (commands.putIfAbsent(type, match.group(2).strip()) != null) {
      throw refused(number, line, "names '" + type + "' a second time", "give each type one line");
    }
  }

  private static String hint(String type) {
    var better = type.toLowerCase(Locale.ROOT).replace('_', '-');
    return ServiceName.parse(better).isPresent()
        ? "call it '%s'".formatted(better)
        : "choose another name, e.g. 'web' or 'worker'";
  }

  private static BuildRefused refused(int number, String line, String what, String nextStep) {
    return new BuildRefused(
        new Diagnosis.BuildFailed(
            "Procfile line %d %s".formatted(number, what), List.of(line), nextStep));
  }
}
