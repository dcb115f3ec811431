package dev.widemesh.git;

import dev.widemesh.api.ApiException;
import org.jspecify.annotations.Nullable;

/// A refusal in words for the person at the other end: what is wrong, and what to do.
final class Refused extends Exception {
  private static final long serialVersionUID = 1L;
  private final String remedy;

  Refused(String what, String remedy) {
    super(what);
    this.remedy = remedy;
  }

  static Refused by(ApiException failure) {
    if (failure.status() == 0 || failure.status() >= 500) {
      return new Refused(
          "the control plane does not answer; what is deployed keeps running",
          "push again in a moment");
    }
    var problem = failure.problem();
    return new Refused(problem.message(), words(problem.nextStep()));
  }

  private static String words(@Nullable String text) {
    return text == null ? "" : text;
  }

  String what() {
    return String.valueOf(getMessage());
  }

  /// Empty when there is nothing to advise.
  String remedy() {
    return remedy;
  }

  /// Both on two lines.
  String text() {
    return remedy.isEmpty() ? what() : what() + "\nTry: " + remedy;
  }
}
