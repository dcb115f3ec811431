package dev.widemesh.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The program git in one folder, with variables of its own. `scratch` takes what it prints,
/// however much that is.
record Git(Path directory, Map<String, String> environment, Path scratch) {
  /// It may have to read gigabytes.
  private static final int MINUTES = 10;

  /// Nothing of the user's that would watch, or act, when git does something; LFS files are what
  /// they hold.
  private static final List<String> QUIETLY =
      List.of(
          "-c",
          "core.hooksPath=/dev/null",
          "-c",
          "core.fsmonitor=false",
          "-c",
          "gc.auto=0",
          "-c",
          "filter.lfs.process=",
          "-c",
          "filter.lfs.clean=",
          "-c",
          "filter.lfs.required=false");

  record Answer(int status, String text, String complaint) {
    boolean isOk() {
      return status == 0;
    }

    String line() {
      return text.strip();
    }

    /// Its parts, between zero bytes.
    List<String> parts() {
      return Arrays.stream(text.split("\0", -1)).filter(part -> !part.isEmpty()).toList();
    }
  }

  Git {
    environment = Map.copyOf(environment);
  }

  Git with(Map<String, String> variables) {
    var all = new HashMap<>(environment);
    all.putAll(variables);
    return new Git(directory, all, scratch);
  }

  /// Where it must not fail.
  Answer run(String... args) {
    return run(List.of(), List.of(args));
  }

  Answer run(List<String> typed, List<String> args) {
    var answer = ask(typed, args);
    if (!answer.isOk()) {
      throw new Refusal(
          ExitCode.LOCAL,
          "git refused: " + Shown.line(answer.complaint()),
          "run git status in " + directory);
    }
    return answer;
  }

  Answer ask(String... args) {
    return ask(List.of(), List.of(args));
  }

  /// `typed` goes to its standard input, a zero byte behind each.
  private Answer ask(List<String> typed, List<String> args) {
    var in = scratch.resolve("in");
    var out = scratch.resolve("out");
    var err = scratch.resolve("err");
    try {
      Files.writeString(in, String.join("\0", typed) + (typed.isEmpty() ? "" : "\0"));
      var process =
          prepared(args)
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new Refusal(
            ExitCode.LOCAL, "git took longer than 10 min", "run git status in " + directory);
      }
      return new Answer(process.exitValue(), text(out), text(err));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while git ran", e);
    } catch (IOException e) {
      throw noGit(e);
    }
  }

  /// To be read while it runs.
  Process start(Path out, List<String> args) {
    try {
      return prepared(args)
          .redirectInput(Redirect.from(new File("/dev/null")))
          .redirectOutput(out.toFile())
          .start();
    } catch (IOException e) {
      throw noGit(e);
    }
  }

  private ProcessBuilder prepared(List<String> args) {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(QUIETLY);
    command.addAll(args);
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  private static Refusal noGit(IOException cause) {
    var refusal =
        new Refusal(
            ExitCode.LOCAL,
            "git cannot be run: " + Shown.line(String.valueOf(cause.getMessage())),
            "install git");
    refusal.initCause(cause);
    return refusal;
  }

  private static String text(Path file) {
    try {
      // Names of files may be anything, and must come back as they were.
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (java.nio.charset.MalformedInputException e) {
      var refusal = new Refusal(ExitCode.LOCAL, "the name of a file is not UTF-8", "rename it");
      refusal.initCause(e);
      throw refusal;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
