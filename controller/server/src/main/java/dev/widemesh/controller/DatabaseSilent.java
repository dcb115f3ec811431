package dev.widemesh.controller;

/// PostgreSQL did not answer in time, or not at all. What was asked may or may not have happened.
final class DatabaseSilent extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DatabaseSilent(Throwable cause) {
    super("the database does not answer: " + cause, cause);
  }
}
