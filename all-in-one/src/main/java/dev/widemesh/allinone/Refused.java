package dev.widemesh.allinone;

/// What a person asked for cannot be: `getMessage` says what is wrong, `nextStep` what to do.
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String nextStep;

  Refused(String message, String nextStep) {
    super(message);
    this.nextStep = nextStep;
  }

  String nextStep() {
    return nextStep;
  }
}
