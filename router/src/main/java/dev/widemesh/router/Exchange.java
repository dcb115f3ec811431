package dev.widemesh.router;

/// Carries one request to an instance and the answer back, on one lane.
interface Exchange {
  void begin();
}
