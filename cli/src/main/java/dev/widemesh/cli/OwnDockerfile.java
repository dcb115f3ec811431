package dev.widemesh.cli;

import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/// `--dockerfile` alone is the usual one, `--dockerfile=PATH` another: what follows after a space
/// is no path of it.
final class OwnDockerfile implements IParameterPreprocessor {
  static final String USUAL = "Dockerfile";

  @Override
  public boolean preprocess(
      Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
    if (" ".equals(info.get("separator"))) {
      args.push(USUAL);
    }
    return false;
  }
}
