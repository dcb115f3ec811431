package dev.widemesh.cli;

/// Says no to a person: what is wrong, what to do about it, and the exit code for scripts.
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final ExitCode code;
  private final String nextStep;

  Refusal(ExitCode code, String message, String nextStep) {
    super(message);
    this.code = code;
    this.nextStep = nextStep;
  }

  static Refusal usage(String message, String nextStep) {
    return new Refusal(ExitCode.USAGE, message, nextStep);
  }

  ExitCode code() {
    return code;
  }

  String message() {
    return String.valueOf(getMessage());
  }

  String nextStep() {
    return nextStep;
  }
}
