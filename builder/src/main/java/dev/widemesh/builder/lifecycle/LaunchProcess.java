package dev.widemesh.builder.lifecycle;

import java.util.List;
import java.util.Optional;
import org.tomlj.TomlTable;

/// A process that a buildpack declares: `command` always runs, `args` unless others are given.
record LaunchProcess(
    String type,
    List<String> command,
    List<String> args,
    boolean isDefault,
    String workingDirectory) {
  LaunchProcess {
    command = List.copyOf(command);
    args = List.copyOf(args);
  }

  /// Older APIs write the command as one string, to be run by a shell unless `direct`.
  static Optional<LaunchProcess> parse(TomlTable table) {
    var type = TomlFile.string(table, "type").orElse("");
    var command = TomlFile.strings(table, "command");
    if (command.isEmpty() || !type.matches("(?!\\.{1,2}$)[A-Za-z0-9._-]+")) {
      return Optional.empty();
    }
    var shell = table.get(List.of("command")) instanceof String && !TomlFile.flag(table, "direct");
    var args = TomlFile.strings(table, "args");
    return Optional.of(
        new LaunchProcess(
            type,
            shell ? shell(command.getFirst(), args.size()) : command,
            args,
            TomlFile.flag(table, "default"),
            TomlFile.string(table, "working-dir").orElse("")));
  }

  /// Each word is expanded by the shell, as buildpacks of older APIs expect.
  private static List<String> shell(String command, int args) {
    if (args == 0) {
      return List.of("/bin/sh", "-c", command);
    }
    var words = new StringBuilder("exec");
    for (var i = 0; i <= args; i++) {
      words.append(" \"$(eval \"printf %s \\\"$").append(i).append("\\\"\")\"");
    }
    return List.of("/bin/sh", "-c", words.toString(), command);
  }

  List<String> argv() {
    return java.util.stream.Stream.concat(command.stream(), args.stream()).toList();
  }

  /// By this name it starts with all that is set for its type alone.
  String path() {
    return "/cnb/process/" + type;
  }

  LaunchProcess withoutDefault() {
    return new LaunchProcess(type, command, args, false, workingDirectory);
  }
}
