package dev.widemesh.builder.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/// A process that a buildpack declares. It runs as `command` and `args`; where a user gives
/// arguments, as `given` and these.
record LaunchProcess(
    String buildpack,
    String type,
    List<String> command,
    List<String> args,
    List<String> given,
    boolean isDefault,
    String workingDirectory) {
  /// From here on a command is a list and no shell runs it; arguments of a user replace `args`
  /// instead of following them.
  private static final int COMMANDS_ARE_LISTS = 9;

  private static final int HAS_WORKING_DIRECTORIES = 8;

  /// Each word is expanded by the shell, as buildpacks of older APIs expect.
  private static final String EXPANDED =
      "for __wm_word in \"$0\" \"$@\"; do"
          + " __wm_words+=(\"$(eval \"printf %s \\\"$__wm_word\\\"\")\"); done;"
          + " exec \"${__wm_words[@]}\"";

  LaunchProcess {
    command = List.copyOf(command);
    args = List.copyOf(args);
    given = List.copyOf(given);
  }

  /// Nothing where it is not for production.
  static Optional<LaunchProcess> parse(TomlTable table, Buildpack buildpack) throws BuildRefused {
    if (!ExecutionEnvironment.concerns(table)) {
      return Optional.empty();
    }
    var type = TomlFile.string(table, "type").orElse("");
    if (!type.matches("(?!\\.{1,2}$)[A-Za-z0-9._-]+")) {
      throw refused(
          buildpack, type, "must be named with letters, digits and '.', '_', '-' under type");
    }
    var directory = TomlFile.string(table, "working-dir").orElse("");
    var process =
        new LaunchProcess(
            buildpack.id(),
            type,
            List.of(),
            TomlFile.strings(table, "args"),
            List.of(),
            TomlFile.flag(table, "default"),
            buildpack.api() < HAS_WORKING_DIRECTORIES ? "" : directory);
    return Optional.of(
        buildpack.api() < COMMANDS_ARE_LISTS
            ? process.older(table, buildpack)
            : process.newer(table, buildpack));
  }

  private LaunchProcess newer(TomlTable table, Buildpack buildpack) throws BuildRefused {
    if (table.contains(List.of("direct"))) {
      throw refused(buildpack, type, "says direct, which its API no longer has");
    }
    var words = TomlFile.strings(table, "command");
    if (words.isEmpty() || !(table.get(List.of("command")) instanceof TomlArray)) {
      throw refused(buildpack, type, "must have a list of words under command");
    }
    return with(words, words);
  }

  private LaunchProcess older(TomlTable table, Buildpack buildpack) throws BuildRefused {
    if (!(table.get(List.of("command")) instanceof String line) || line.isBlank()) {
      throw refused(buildpack, type, "must have one string under command");
    }
    if (TomlFile.flag(table, "direct")) {
      return with(List.of(line), joined(List.of(line), args));
    }
    var expanded = List.of("/bin/bash", "-c", EXPANDED, line);
    var shell = args.isEmpty() ? List.of("/bin/bash", "-c", line) : expanded;
    return with(shell, joined(expanded, args));
  }

  private static BuildRefused refused(Buildpack buildpack, String type, String why) {
    return BuildRefused.because(
        "the process '%s' of the buildpack %s, of API 0.%d, %s"
            .formatted(type, buildpack.id(), buildpack.api(), why),
        "correct the buildpack");
  }

  private LaunchProcess with(List<String> always, List<String> beforeOthers) {
    return new LaunchProcess(
        buildpack, type, always, args, beforeOthers, isDefault, workingDirectory);
  }

  private static List<String> joined(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  List<String> argv() {
    return joined(command, args);
  }

  /// By this name it starts with all that is set for its type alone.
  String path() {
    return "/cnb/process/" + type;
  }

  LaunchProcess asDefault(boolean preferred) {
    return new LaunchProcess(buildpack, type, command, args, given, preferred, workingDirectory);
  }
}
