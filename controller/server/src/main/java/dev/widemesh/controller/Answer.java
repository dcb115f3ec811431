package dev.widemesh.controller;

/// How a request was answered.
sealed interface Answer {
  /// With a record in JSON.
  record Body(int status, Object value) implements Answer {}

  /// With nothing: 204.
  record Nothing() implements Answer {}

  /// The handler wrote the response itself.
  record Streamed() implements Answer {}

  static Answer of(Object value) {
    return new Body(200, value);
  }

  static Answer created(Object value) {
    return new Body(201, value);
  }

  static Answer nothing() {
    return new Nothing();
  }
}
