package dev.widemesh.router;

import dev.widemesh.router.Routing.Backends;

/// What a request's host and path lead to. `prefix` is taken off the path when not empty.
sealed interface Destination {
  record Found(Backends backends, String prefix, long bodyLimit) implements Destination {}

  record None(Refusal refusal) implements Destination {}

  /// Not one of the environment's own containers: gets no answer at all.
  record Stranger() implements Destination {}
}
