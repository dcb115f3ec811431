package dev.widemesh.git;

import dev.widemesh.model.EnvironmentName;
import dev.widemesh.model.StackName;
import java.util.regex.Pattern;

/// What a client asked to run. Only two commands exist; everything else is a refusal with a hint.
sealed interface GitCommand {
  String USE = "git push ssh://git@<host>:<port>/<environment>/<stack>.git main";

  /// `git push`.
  record ReceivePack(EnvironmentName environment, StackName stack) implements GitCommand {}

  /// `git clone`, `fetch`, `ls-remote`.
  record UploadPack(EnvironmentName environment, StackName stack) implements GitCommand {}

  /// `git` says whether a git client waits for the answer, in its own protocol.
  record Refused(boolean git, String why) implements GitCommand {}

  int MAX_LENGTH = 300;
  Pattern PACK = Pattern.compile("git[- ](receive|upload)-pack (.*)", Pattern.DOTALL);
  Pattern PATH = Pattern.compile("'/?([a-z0-9-]{1,64})/([a-z0-9-]{1,64})(?:\\.git)?/?'");

  static GitCommand parse(String text) {
    if (text.length() > MAX_LENGTH) {
      return new Refused(false, "that command is too long; use: " + USE);
    }
    var pack = PACK.matcher(text);
    if (!pack.matches()) {
      return new Refused(false, "only git push, fetch and clone work here; use: " + USE);
    }
    var path = PATH.matcher(pack.group(2));
    if (!path.matches()) {
      return new Refused(true, "that is not a repository here; use: " + USE);
    }
    return of(pack.group(1).equals("receive"), path.group(1), path.group(2));
  }

  private static GitCommand of(boolean push, String environment, String stack) {
    var refusal = EnvironmentName.refusal(environment).or(() -> StackName.refusal(stack));
    if (refusal.isPresent()) {
      return new Refused(true, refusal.get());
    }
    var in = new EnvironmentName(environment);
    var of = new StackName(stack);
    return push ? new ReceivePack(in, of) : new UploadPack(in, of);
  }
}
