package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import org.apache.sshd.common.AttributeRepository.AttributeKey;

/// Whose session it is.
sealed interface Login {
  AttributeKey<Login> KEY = new AttributeKey<>();

  record Known(GitWire.Actor actor) implements Login {}

  /// The controller could not be asked: the session may say so to its client, and nothing else.
  record Unverified() implements Login {}
}
