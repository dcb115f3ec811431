package dev.widemesh.git;

import java.util.List;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.server.auth.keyboard.InteractiveChallenge;
import org.apache.sshd.server.auth.keyboard.KeyboardInteractiveAuthenticator;
import org.apache.sshd.server.session.ServerSession;
import org.jspecify.annotations.Nullable;

/// Tells whoever has no registered key what to do. A client comes here only when it has no key left
/// to offer; it is shown words without a question, once, and is never let in.
record Stranger() implements KeyboardInteractiveAuthenticator {
  private static final String NO_KEY =
      "you offered no SSH key; make one (ssh-keygen -t ed25519), then: mesh keys add";
  private static final AttributeKey<String> CAUSE = new AttributeKey<>();
  private static final AttributeKey<Boolean> TOLD = new AttributeKey<>();

  static void unknown(ServerSession session, String fingerprint) {
    session.setAttribute(
        CAUSE, "your key " + fingerprint + " is not registered; try: mesh keys add FILE.pub");
  }

  static void weak(ServerSession session, String fingerprint) {
    session.setAttribute(
        CAUSE,
        "your key " + fingerprint + " is too weak; try: ssh-keygen -t ed25519, then mesh keys add");
  }

  @Override
  public @Nullable InteractiveChallenge generateChallenge(
      ServerSession session, String user, String language, String methods) {
    if (session.setAttribute(TOLD, true) != null) {
      return null;
    }
    var cause = session.getAttribute(CAUSE);
    var challenge = new InteractiveChallenge();
    challenge.setInteractionName("");
    challenge.setInteractionInstruction("widemesh: " + (cause == null ? NO_KEY : cause));
    challenge.setLanguageTag("");
    return challenge;
  }

  @Override
  public boolean authenticate(ServerSession session, String user, List<String> responses) {
    return false;
  }
}
