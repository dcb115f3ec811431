package dev.widemesh.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.client.session.ClientSession.ClientSessionEvent;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.core.CoreModuleProperties;

/// An SSH client in this process, from any address of loopback: what it measures is the door alone,
/// not the start of an `ssh`.
final class Caller implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final SshClient client = SshClient.setUpDefaultClient();
  private final InetSocketAddress door;

  Caller(int port) {
    door = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    client.setServerKeyVerifier((_, _, _) -> true);
    client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
    client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
    client.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE));
    CoreModuleProperties.TCP_NODELAY.set(client, true);
    client.start();
  }

  static KeyPair key(Path file) {
    return new FileKeyPairProvider(file).loadKeys(null).iterator().next();
  }

  /// As far as the keys of the connection: the door does not know yet who it is.
  ClientSession connect(String user, String from) throws IOException {
    var here = new InetSocketAddress(InetAddress.ofLiteral(from), 0);
    var session = client.connect(user, door, here).verify(PATIENCE).getSession();
    var events =
        session.waitFor(
            EnumSet.of(ClientSessionEvent.WAIT_AUTH, ClientSessionEvent.CLOSED), PATIENCE);
    if (!events.contains(ClientSessionEvent.WAIT_AUTH)) {
      session.close(true);
      throw new IOException("no key exchange from " + from + ": " + events);
    }
    return session;
  }

  /// Whether that key is let in.
  static boolean logIn(ClientSession session, KeyPair key) {
    session.addPublicKeyIdentity(key);
    try {
      var answer = session.auth();
      if (!answer.await(PATIENCE)) {
        throw new AssertionError("no answer");
      }
      return answer.isSuccess();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
