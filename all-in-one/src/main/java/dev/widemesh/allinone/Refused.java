package dev.widemesh.allinone;

import java.io.PrintWriter;

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

  void explain(PrintWriter err) {
    err.println("widemesh: " + getMessage());
    err.println("  try: " + nextStep);
    err.flush();
  }
}
