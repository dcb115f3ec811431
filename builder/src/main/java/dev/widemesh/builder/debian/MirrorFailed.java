package dev.widemesh.builder.debian;

import java.io.IOException;

/// The mirror did not give what was asked. The message is one line for people: what, and what to
/// do.
public final class MirrorFailed extends IOException {
  MirrorFailed(String message) {
    super(message);
  }

  MirrorFailed(String message, Throwable cause) {
    super(message, cause);
  }
}
