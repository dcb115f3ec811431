package dev.widemesh.git;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.GitWire;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Optional;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.server.auth.pubkey.PublickeyAuthenticator;
import org.apache.sshd.server.session.ServerSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows people by their key alone; the user name in the URL does not matter.
record KeyLogin(Controller controller) implements PublickeyAuthenticator {
  private static final Logger log = LoggerFactory.getLogger(KeyLogin.class);
  private static final int MIN_RSA_BITS = 3072;

  /// sshd asks twice per login, before and after the signature.
  private static final AttributeKey<Asked> LAST = new AttributeKey<>();

  private record Asked(String fingerprint, Optional<Login> answer) {}

  @Override
  public boolean authenticate(String user, PublicKey key, ServerSession session) {
    var fingerprint = KeyUtils.getFingerPrint(BuiltinDigests.sha256, key);
    if (!isStrong(key)) {
      Stranger.weak(session, fingerprint);
      return false;
    }
    var last = session.getAttribute(LAST);
    var asked =
        last != null && last.fingerprint().equals(fingerprint)
            ? last
            : new Asked(fingerprint, ask(fingerprint));
    session.setAttribute(LAST, asked);
    if (asked.answer().isEmpty()) {
      Stranger.unknown(session, fingerprint);
    }
    asked.answer().ifPresent(login -> session.setAttribute(Login.KEY, login));
    return asked.answer().isPresent();
  }

  private Optional<Login> ask(String fingerprint) {
    try {
      return controller.authenticate(fingerprint).map(KeyLogin::known);
    } catch (ApiException e) {
      log.warn("cannot ask whose key {} is: {}", fingerprint, e.getMessage());
      return Optional.of(new Login.Unverified());
    }
  }

  private static Login known(GitWire.Actor actor) {
    return new Login.Known(actor);
  }

  private static boolean isStrong(PublicKey key) {
    return switch (key) {
      case OpenSshCertificate _ -> false;
      case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= MIN_RSA_BITS;
      default -> true;
    };
  }
}
