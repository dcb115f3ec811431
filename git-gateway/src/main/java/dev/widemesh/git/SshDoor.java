package dev.widemesh.git;

import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.common.session.SessionHeartbeatController.HeartbeatType;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.keyboard.UserAuthKeyboardInteractiveFactory;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The SSH server: public keys only, git commands only. Who has none is told so, see [Stranger].
final class SshDoor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SshDoor.class);
  private static final Duration LAST_WORDS = Duration.ofSeconds(10);
  // Each may wait for the controller's answer about a key.
  private static final int IO_THREADS = 8;
  // What a client may send that nobody has read yet.
  private static final long WINDOW = 1_000_000;

  private final SshServer server;
  private final Conversations conversations;
  private final Pulse pulse;

  private SshDoor(SshServer server, Conversations conversations, Pulse pulse) {
    this.server = server;
    this.conversations = conversations;
    this.pulse = pulse;
  }

  static SshDoor open(
      String listen,
      int port,
      Path hostKey,
      Repositories repositories,
      Controller controller,
      Projector projector,
      Pulse.Pace pace,
      PushLimits limits)
      throws IOException {
    var server = SshServer.setUpDefaultServer();
    server.setHost(listen);
    server.setPort(port);
    server.setKeyPairProvider(new FileKeyPairProvider(hostKey));
    server.setNioWorkers(IO_THREADS);
    Algorithms.limit(server);
    limit(server);
    var conversations = new Conversations();
    var commands = new ClientCommands(repositories, controller, projector, conversations, limits);
    server.setPublickeyAuthenticator(new KeyLogin(controller));
    server.setKeyboardInteractiveAuthenticator(new Stranger());
    server.setCommandFactory(commands);
    server.setShellFactory(commands);
    return start(server, conversations, pace);
  }

  private static void limit(SshServer server) {
    server.setUserAuthFactories(
        List.of(UserAuthPublicKeyFactory.INSTANCE, UserAuthKeyboardInteractiveFactory.INSTANCE));
    server.setSubsystemFactories(List.of());
    server.setChannelFactories(List.of(new ClientChannels()));
    server.setSessionHeartbeat(HeartbeatType.IGNORE, Duration.ofSeconds(30));
    CoreModuleProperties.SERVER_IDENTIFICATION.set(server, "Widemesh");
    CoreModuleProperties.AUTH_TIMEOUT.set(server, Duration.ofSeconds(30));
    CoreModuleProperties.MAX_AUTH_REQUESTS.set(server, 6);
    // git-lfs moves eight files at once over one connection.
    CoreModuleProperties.MAX_CONCURRENT_CHANNELS.set(server, 10);
    CoreModuleProperties.WINDOW_SIZE.set(server, WINDOW);
    // A small answer does not wait until the client has acknowledged the one before it.
    CoreModuleProperties.TCP_NODELAY.set(server, true);
  }

  private static SshDoor start(SshServer server, Conversations conversations, Pulse.Pace pace)
      throws IOException {
    var admission = new Admission(server);
    var pulse = Pulse.start(admission, pace);
    server.setSessionFactory(admission);
    server.addSessionListener(admission);
    server.addChannelListener(pulse);
    try {
      server.start();
    } catch (BindException e) {
      throw new BindException(
          "git over SSH cannot listen on %s:%d: %s"
              .formatted(server.getHost(), server.getPort(), e.getMessage()));
    }
    log.info("git over SSH on port {}", server.getPort());
    return new SshDoor(server, conversations, pulse);
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    pulse.close();
    conversations.stop(LAST_WORDS);
    try {
      server.stop(true);
    } catch (IOException e) {
      log.warn("the SSH server did not stop cleanly", e);
    }
  }
}
