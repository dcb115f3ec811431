package dev.widemesh.git;

import dev.widemesh.model.EnvironmentName;
import dev.widemesh.model.StackName;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/// What a client asked to run. Only four commands exist; everything else is a refusal with a hint.
sealed interface GitCommand {
  String USE = "git push ssh://git@<host>:<port>/<environment>/<stack>.git main";

  /// `git push`.
  record ReceivePack(EnvironmentName environment, StackName stack) implements GitCommand {}

  /// `git clone`, `fetch`, `ls-remote`.
  record UploadPack(EnvironmentName environment, StackName stack) implements GitCommand {}

  /// What `git lfs` runs beside a push or checkout, to move its files.
  record LfsTransfer(EnvironmentName environment, StackName stack, boolean upload)
      implements GitCommand {}

  /// What git-lfs asks for where [LfsTransfer] was refused, or where it does not know that: it
  /// shows a person what is said then.
  record LfsAuthenticate(EnvironmentName environment, StackName stack, boolean upload)
      implements GitCommand {}

  /// `git` says whether a git client waits for the answer, in its own protocol.
  record Refused(boolean git, String why) implements GitCommand {}

  int MAX_LENGTH = 300;
  Pattern PACK = Pattern.compile("git[- ](receive|upload)-pack (.*)", Pattern.DOTALL);
  Pattern PATH = Pattern.compile("'/?([a-z0-9-]{1,64})/([a-z0-9-]{1,64})(?:\\.git)?/?'");
  // git-lfs quotes nothing.
  Pattern LFS =
      Pattern.compile(
          "git-lfs-(transfer|authenticate) '?/?([a-z0-9-]{1,64})/([a-z0-9-]{1,64})(?:\\.git)?/?'?"
              + " (upload|download)");
  String LFS_NEEDS =
      "git-lfs 3.0 or newer is needed: install it, or unset lfs.sshtransfer where it says never; where"
          + " it is newer, try again";

  /// Whether it is git-lfs that asks.
  default boolean isLfs() {
    return switch (this) {
      case LfsTransfer _, LfsAuthenticate _ -> true;
      case ReceivePack _, UploadPack _, Refused _ -> false;
    };
  }

  static GitCommand parse(String text) {
    if (text.length() > MAX_LENGTH) {
      return new Refused(false, "that command is too long; use: " + USE);
    }
    var lfs = LFS.matcher(text);
    if (lfs.matches()) {
      return lfs(lfs.group(1), lfs.group(2), lfs.group(3), lfs.group(4).equals("upload"));
    }
    if (text.startsWith("git-lfs-authenticate ")) {
      return new Refused(false, "that is not a repository here; use: " + USE);
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
        ? named(path.group(1), path.group(2), true, ReceivePack::new)
        : named(path.group(1), path.group(2), true, UploadPack::new);
  }

  private static GitCommand lfs(String what, String environment, String stack, boolean upload) {
    return what.equals("transfer")
        ? named(environment, stack, true, (in, of) -> new LfsTransfer(in, of, upload))
        : named(environment, stack, false, (in, of) -> new LfsAuthenticate(in, of, upload));
  }

  private static GitCommand named(
      String environment,
      String stack,
      boolean git,
      BiFunction<EnvironmentName, StackName, GitCommand> of) {
    var refusal = EnvironmentName.refusal(environment).or(() -> StackName.refusal(stack));
    if (refusal.isPresent()) {
      return new Refused(git, refusal.get());
    }
    return of.apply(new EnvironmentName(environment), new StackName(stack));
  }
}
