package dev.widemesh.cli;

import dev.widemesh.api.GitWire;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// Sends a commit as `git push` would: over SSH, with the user's key, judged like any push.
final class Upload {
  private static final int SECONDS = 10;
  private static final int MOST_LINES = 200;
  private static final String REMOTE = "remote: ";
  private static final String REFUSAL = " !     ";
  private static final String TRY = "Try: ";
  private static final Pattern REJECTED = Pattern.compile("!\t.*\\[.*rejected\\] \\((.*)\\)");
  private static final Pattern REFUSED = Pattern.compile("fatal: remote error: (.*)");
  private static final Pattern PROGRESS = Pattern.compile("\\d+% \\(\\d+/\\d+\\)");
  private static final Pattern UNKNOWN_KEY = Pattern.compile("widemesh: (.*?)(; try: (.*))?");

  private final Session mesh;
  private final FolderCommit folder;
  private final String url;
  private final List<String> options;
  private final List<String> lines = new ArrayList<>();

  /// `options` as those of `git push -o`.
  Upload(Session mesh, FolderCommit folder, String url, List<String> options) {
    this.mesh = mesh;
    this.folder = folder;
    this.url = url;
    this.options = List.copyOf(options);
  }

  void send(String commit) throws IOException {
    var out = folder.scratch().resolve("pushed");
    var process = folder.git().start(out, command(commit));
    read(process);
    if (status(process) != 0) {
      throw refusal(Files.readAllLines(out));
    }
  }

  private List<String> command(String commit) {
    var command =
        new ArrayList<>(
            List.of(
                "push",
                "--porcelain",
                "--no-verify",
                "--no-follow-tags",
                "--recurse-submodules=no",
                "--no-signed",
                mesh.terminal().talks() ? "--progress" : "--no-progress"));
    options.forEach(option -> command.add("--push-option=" + option));
    command.add(url);
    command.add(commit + ":" + GitWire.UPLOAD);
    return command;
  }

  private void read(Process process) throws IOException {
    try (var err =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (var line = err.readLine(); line != null; line = err.readLine()) {
        if (lines.size() < MOST_LINES) {
          lines.add(line.stripTrailing());
        }
        if (mesh.terminal().talks() && !line.startsWith(REMOTE)) {
          show(line);
        }
      }
    }
  }

  /// Git writes one line of progress over the other.
  private void show(String line) {
    var tamed = mesh.terminal().tame(line);
    if (PROGRESS.matcher(line).find()) {
      mesh.terminal().err().print("\r" + tamed + (line.contains("done") ? "\n" : ""));
      mesh.terminal().err().flush();
    } else {
      mesh.note(tamed);
    }
  }

  private static int status(Process process) {
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return 1;
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while git pushed", e);
    }
  }

  /// In the words of the platform, where it has said any.
  private Refusal refusal(List<String> statuses) {
    var said =
        lines.stream()
            .filter(line -> line.startsWith(REMOTE + REFUSAL))
            .map(line -> line.substring((REMOTE + REFUSAL).length()))
            .toList();
    if (!said.isEmpty()) {
      return new Refusal(ExitCode.REFUSED, said.getFirst(), remedy(said));
    }
    return first(REJECTED, statuses)
        .or(() -> first(REFUSED, lines))
        .map(what -> new Refusal(ExitCode.REFUSED, what, remedy(lines)))
        .or(this::unknownKey)
        .orElseGet(this::unreachable);
  }

  private Optional<Refusal> unknownKey() {
    for (var line : lines) {
      var told = UNKNOWN_KEY.matcher(line);
      if (told.matches()) {
        var remedy = Optional.ofNullable(told.group(3)).orElse("mesh keys add");
        return Optional.of(new Refusal(ExitCode.SIGNED_OUT, told.group(1), remedy));
      }
    }
    return lines.stream()
        .filter(line -> line.contains("Permission denied"))
        .findFirst()
        .map(_ -> new Refusal(ExitCode.SIGNED_OUT, "your SSH key is not known", "mesh keys add"));
  }

  private Refusal unreachable() {
    var last = lines.stream().filter(line -> !line.isBlank()).findFirst().orElse("it said nothing");
    return new Refusal(
        ExitCode.UNREACHABLE,
        "nothing can be sent to %s: %s".formatted(url, mesh.terminal().tame(last)),
        "see what git says there: git ls-remote " + url);
  }

  private static String remedy(List<String> said) {
    return said.stream()
        .filter(line -> line.startsWith(TRY))
        .findFirst()
        .map(line -> line.substring(TRY.length()))
        .orElse("correct that, and deploy again");
  }

  private static Optional<String> first(Pattern pattern, List<String> lines) {
    return lines.stream()
        .map(pattern::matcher)
        .filter(java.util.regex.Matcher::matches)
        .findFirst()
        .map(found -> found.group(1));
  }
}
