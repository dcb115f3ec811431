package dev.widemesh.git;

import dev.widemesh.model.EnvironmentName;
import dev.widemesh.model.StackName;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/// What a client asked to run. Only three commands exist; everything else is a refusal with a hint.
sealed interface GitCommand {
  String USE = "git push ssh://git@<host>:<port>/<environment>/<stack>.git main";

  /// `git push`.
  record ReceivePack(EnvironmentName environment, StackName stack) implements GitCommand {}

  /// `git clone`, `fetch`, `ls-remote`.
  record UploadPack(EnvironmentName environment, StackName stack) implements GitCommand {}

  /// What `git lfs` runs beside a push or checkout, to move its files.
  record LfsTransfer(EnvironmentName environment, StackName stack, boolean upload)
      implements GitCommand {}

  /// `git` says whether a git client waits for the answer, in its own protocol.
  record Refused(boolean git, String why) implements GitCommand {}

  int MAX_LENGTH = 300;
  Pattern PACK = Pattern.compile("git[- ](receive|upload)-pack (.*)", Pattern.DOTALL);
  Pattern PATH = Pattern.compile("'/?([a-z0-9-]{1,64})/([a-z0-9-]{1,64})(?:\\.git)?/?'");
  // git-lfs quotes nothing.
  Pattern LFS =
      Pattern.compile(
          "git-lfs-transfer '?/?([a-z0-9-]{1,64})/([a-z0-9-]{1,64})(?:\\.git)?/?'?"
              + " (upload|download)");

  static GitCommand parse(String text) {
    if (text.length() > MAX_LENGTH) {
      return new Refused(false, "that command is too long; use: " + USE);
    }
    if (text.startsWith("git-lfs-authenticate ")) {
      return new Refused(
          false, "files of git LFS come over SSH here; install git-lfs 3.0 or newer");
    }
    var lfs = LFS.matcher(text);
    if (lfs.matches()) {
      var upload = lfs.group(3).equals("upload");
      return named(lfs.group(1), lfs.group(2), (in, of) -> new LfsTransfer(in, of, upload));
    }
    var pack = PACK.matcher(text);
    if (!pack.matches()) {
      return new Refused(false, "only git push, fetch and clone work here; use: " + USE);
    }
    var path = PATH.matcher(pack.group(2));
    if (!path.matches()) {
      return new Refused(true, "that is not a repository here; use: " + USE);
    }
    return pack.group(1).equals("receive")
        ? named(path.group(1), path.group(2), ReceivePack::new)
        : named(path.group(1), path.group(2), UploadPack::new);
  }

  private static GitCommand named(
      String environment, String stack, BiFunction<EnvironmentName, StackName, GitCommand> of) {
    var refusal = EnvironmentName.refusal(environment).or(() -> StackName.refusal(stack));
    if (refusal.isPresent()) {
      return new Refused(true, refusal.get());
    }
    return of.apply(new EnvironmentName(environment), new StackName(stack));
  }
}
