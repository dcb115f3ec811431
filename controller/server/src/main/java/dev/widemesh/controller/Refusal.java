package dev.widemesh.controller;

import dev.widemesh.api.Problem;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A caller is told no, and what to do instead. Not an error of ours.
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final transient Problem problem;
  private final transient Duration wait;

  private Refusal(int status, String code, String message, @Nullable String nextStep) {
    this(status, code, message, nextStep, Duration.ZERO);
  }

  private Refusal(
      int status, String code, String message, @Nullable String nextStep, Duration wait) {
    super(message, null, false, false);
    this.status = status;
    this.wait = wait;
    this.problem = new Problem(code, message, nextStep);
  }

  static Refusal bad(String code, String message, @Nullable String nextStep) {
    return new Refusal(400, code, message, nextStep);
  }

  static Refusal missing(String code, String message, @Nullable String nextStep) {
    return new Refusal(404, code, message, nextStep);
  }

  static Refusal conflict(String code, String message, @Nullable String nextStep) {
    return new Refusal(409, code, message, nextStep);
  }

  static Refusal unauthenticated() {
    return new Refusal(401, "no-token", "a valid token is needed", "mesh login");
  }

  static Refusal forbidden(String message, String nextStep) {
    return new Refusal(403, "forbidden", message, nextStep);
  }

  static Refusal tooLarge(long limit) {
    return new Refusal(413, "too-large", "the body is over " + limit + " bytes", "send less");
  }

  static Refusal tooMany(Duration wait) {
    return new Refusal(
        429,
        "too-many-wrong-tokens",
        "too many wrong tokens came from this address",
        "wait %d s, then use the right one: mesh login".formatted(seconds(wait)),
        wait);
  }

  static Refusal unavailable(String code, String message, String nextStep) {
    return new Refusal(503, code, message, nextStep);
  }

  static Refusal busy(String code, String message, String nextStep, Duration wait) {
    return new Refusal(503, code, message, nextStep, wait);
  }

  /// Rounded up, for people and for `Retry-After`.
  private static long seconds(Duration wait) {
    return wait.plusMillis(999).toSeconds();
  }

  /// In seconds; zero where waiting does not help.
  long retryAfter() {
    return seconds(wait);
  }

  int status() {
    return status;
  }

  Problem problem() {
    return problem;
  }
}
