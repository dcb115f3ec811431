package dev.widemesh.cli;

import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/// `--buildpack` alone names none, `--buildpack=REF` one. What follows after a space is another
/// word of the command: a folder is named like a buildpack.
final class OwnBuildpack implements IParameterPreprocessor {
  static final String NONE = "";

  @Override
  public boolean preprocess(
      Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
    if (" ".equals(info.get("separator"))) {
      args.push(NONE);
    }
    return false;
  }
}
