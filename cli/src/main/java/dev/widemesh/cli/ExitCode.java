package dev.widemesh.cli;

/// What a script learns from `mesh`: one decade per stage, so that it can tell where things
/// stopped.
enum ExitCode {
  OK(0, "done"),
  BUG(1, "a bug in mesh itself"),
  FOUND(1, "mesh doctor found something"),
  USAGE(2, "the command line is wrong"),
  UNREACHABLE(10, "the controller cannot be reached"),
  BROKEN(11, "the controller answered with an error of its own"),
  REFUSED(20, "the controller refused"),
  SIGNED_OUT(21, "no login, or one that is not valid"),
  BUILD_FAILED(30, "the build failed"),
  ROLLOUT_FAILED(40, "the deployment failed after its build; the previous one keeps running"),
  CANCELLED(41, "somebody cancelled the deployment"),
  SUPERSEDED(42, "a newer deployment overtook it"),
  NOT_FOUND(50, "there is no such environment, stack, service, deployment, key or value"),
  LOCAL(60, "git, or a file on this machine, is in the way"),
  INCOMPLETE(61, "the backup was made, but something was nowhere to be found");

  private final int value;
  private final String meaning;

  ExitCode(int value, String meaning) {
    this.value = value;
    this.meaning = meaning;
  }

  int value() {
    return value;
  }

  String meaning() {
    return meaning;
  }
}
