package dev.widemesh.cli;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The file `.meshignore` at the top of what is deployed: rules as in `.gitignore`, which it
/// overrides in both directions.
record MeshIgnore(List<String> rules) {
  static final String NAME = ".meshignore";
  private static final int MOST = 1_000;

  /// `prefix` is the folder's place in its repository: empty, or ending with a slash.
  static MeshIgnore read(Path folder, String prefix) throws IOException {
    try (var lines = Files.lines(folder.resolve(NAME))) {
      var rules = lines.limit(MOST + 1L).map(MeshIgnore::rule).flatMap(Optional::stream).toList();
      if (rules.size() > MOST) {
        throw new Refusal(
            ExitCode.LOCAL, NAME + " has more than 1,000 lines", "name folders instead of files");
      }
      return new MeshIgnore(rules.stream().map(rule -> at(prefix, rule)).toList());
    } catch (NoSuchFileException _) {
      return new MeshIgnore(List.of());
    } catch (java.io.UncheckedIOException e) {
      if (e.getCause() instanceof MalformedInputException) {
        throw new Refusal(ExitCode.LOCAL, NAME + " is not UTF-8", "save it as UTF-8");
      }
      throw e;
    }
  }

  private static Optional<String> rule(String line) {
    var rule = line.replaceFirst("(?<!\\\\)[ \\t\\r]+$", "");
    return Optional.of(rule).filter(text -> !text.isEmpty() && !text.startsWith("#"));
  }

  /// Git takes a rule with a slash in it from the top of its repository.
  private static String at(String prefix, String rule) {
    var not = rule.startsWith("!") ? "!" : "";
    var path = rule.substring(not.length());
    if (path.indexOf('/') < 0 || path.indexOf('/') == path.length() - 1) {
      return rule;
    }
    return not + "/" + literal(prefix) + path.replaceFirst("^/", "");
  }

  private static String literal(String text) {
    return text.replaceAll("[\\\\*?\\[]", "\\\\$0");
  }

  /// For `git ls-files`; the last rule that fits decides.
  List<String> options() {
    return rules.stream().map(rule -> "--exclude=" + rule).toList();
  }
}
