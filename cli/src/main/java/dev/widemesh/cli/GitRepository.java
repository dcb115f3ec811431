package dev.widemesh.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The git repository that the user stands in, if any; asked through git itself.
record GitRepository(Session session) {
  static final String REMOTE = "widemesh";
  private static final int SECONDS = 10;

  private record Answer(int status, String text) {}

  Optional<Path> root() {
    return line("rev-parse", "--show-toplevel").map(Path::of);
  }

  Optional<String> branch() {
    return line("symbolic-ref", "--quiet", "--short", "HEAD");
  }

  /// The URL of the remote `widemesh`.
  Optional<String> remote() {
    return line("config", "--get", "remote." + REMOTE + ".url");
  }

  void addRemote(String url) {
    change("remote", "add", REMOTE, url);
  }

  void replaceRemote(String url) {
    change("remote", "set-url", REMOTE, url);
  }

  private Optional<String> line(String... args) {
    var answer = git(false, args);
    return Optional.of(answer.text().strip())
        .filter(text -> answer.status() == 0 && !text.isEmpty());
  }

  private void change(String... args) {
    var answer = git(true, args);
    if (answer.status() != 0) {
      throw new Refusal(
          ExitCode.LOCAL,
          "git refused: " + Shown.line(answer.text()),
          "run it yourself: git " + String.join(" ", args));
    }
  }

  /// A machine without git is one where nobody stands in a repository.
  private Answer git(boolean withComplaints, String... args) {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(args));
    var builder = new ProcessBuilder(command).directory(session.directory().toFile());
    builder.environment().clear();
    builder.environment().putAll(session.environment());
    builder.redirectError(Redirect.DISCARD).redirectErrorStream(withComplaints);
    builder.redirectInput(Redirect.from(new File("/dev/null")));
    try {
      return answer(builder.start());
    } catch (IOException e) {
      return new Answer(127, e.toString());
    }
  }

  private static Answer answer(Process process) {
    try (var output = process.getInputStream()) {
      // Git answers a few bytes here: they fit the pipe, so waiting first cannot block it.
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new Refusal(ExitCode.LOCAL, "git does not answer", "run git status here");
      }
      return new Answer(
          process.exitValue(), new String(output.readAllBytes(), StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while git ran", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
