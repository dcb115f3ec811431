package dev.widemesh.cli;

import java.util.Map;
import java.util.Stack;
import java.util.regex.Pattern;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/// `--dockerfile` alone is the usual one, `--dockerfile=PATH` another. What follows after a space
/// may be another word of the command, a stack or a folder, and is the path only if it is called
/// like a Dockerfile.
final class OwnDockerfile implements IParameterPreprocessor {
  static final String USUAL = "Dockerfile";
  private static final Pattern PATH =
      Pattern.compile("(.*/)?(Dockerfile|[^/]+\\.[Dd]ockerfile|[Dd]ockerfile\\.[^/]+)");

  @Override
  public boolean preprocess(
      Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
    var isPath = !args.isEmpty() && PATH.matcher(args.peek()).matches();
    if (" ".equals(info.get("separator")) && !isPath) {
      args.push(USUAL);
    }
    return false;
  }
}
