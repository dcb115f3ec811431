package dev.widemesh.api;

/// The controller refused, or could not be reached (`status` 0).
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final transient Problem problem;

  public ApiException(int status, Problem problem) {
    super(problem.message());
    this.status = status;
    this.problem = problem;
  }

  public int status() {
    return status;
  }

  public Problem problem() {
    return problem;
  }
}
