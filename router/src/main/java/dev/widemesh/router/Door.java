package dev.widemesh.router;

/// Through which listener a request came: it decides which names exist.
sealed interface Door {
  /// From anywhere, by endpoint. `shared`: a wildcard on the port that environments use, so that
  /// the local address decides between this and [Inside].
  record Public(boolean tls, boolean shared) implements Door {}

  /// From one environment's own containers, by service.
  record Inside(String environment) implements Door {}
}
