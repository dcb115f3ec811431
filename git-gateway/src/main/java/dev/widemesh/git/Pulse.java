package dev.widemesh.git;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.channel.ChannelListener;
import org.apache.sshd.common.session.Session;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks every client now and then whether it is still there, and hangs up on those that do not
/// answer or that want nothing.
final class Pulse implements ChannelListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Pulse.class);
  private static final AttributeKey<Signs> SIGNS = new AttributeKey<>();
  private static final String QUESTION = "keepalive@openssh.com";

  /// How often it asks, and how long it bears silence.
  record Pace(Duration every, Duration limit) {
    static final Pace NORMAL = new Pace(Duration.ofSeconds(15), Duration.ofSeconds(50));
  }

  /// When a session was last heard of, and what it has open.
  private record Signs(AtomicLong heard, AtomicInteger channels, AtomicLong busy) {}

  private final Admission admission;
  private final Pace pace;
  private final Thread thread;

  private Pulse(Admission admission, Pace pace) {
    this.pace = pace;
    this.admission = admission;
    this.thread = Thread.ofVirtual().name("ssh-pulse").unstarted(this::loop);
  }

  static Pulse start(Admission admission, Pace pace) {
    var pulse = new Pulse(admission, pace);
    pulse.thread.start();
    return pulse;
  }

  private void loop() {
    try {
      while (true) {
        Thread.sleep(pace.every());
        admission.open().stream().filter(Session::isAuthenticated).forEach(this::look);
      }
    } catch (InterruptedException _) {
      log.debug("no longer looking after sessions");
    }
  }

  private void look(Session session) {
    var signs = signs(session);
    var now = System.nanoTime();
    var silent = now - signs.heard().get() > pace.limit().toNanos();
    var idle = signs.channels().get() == 0 && now - signs.busy().get() > pace.limit().toNanos();
    if (silent || idle) {
      log.info("hanging up on {}: {}", session.getUsername(), silent ? "no answer" : "idle");
      var _ = session.close(true);
      return;
    }
    ask(session, signs);
  }

  private static void ask(Session session, Signs signs) {
    try {
      var buffer = session.createBuffer(SshConstants.SSH_MSG_GLOBAL_REQUEST);
      buffer.putString(QUESTION);
      buffer.putBoolean(true);
      // Clients refuse this request; that is an answer too.
      var _ = session.request(buffer, QUESTION, (_, _) -> signs.heard().set(System.nanoTime()));
    } catch (IOException e) {
      log.debug("cannot ask {}", session, e);
    }
  }

  private static Signs signs(Session session) {
    return session.computeAttributeIfAbsent(SIGNS, _ -> fresh());
  }

  private static Signs fresh() {
    var now = System.nanoTime();
    return new Signs(new AtomicLong(now), new AtomicInteger(), new AtomicLong(now));
  }

  @Override
  public void channelOpenSuccess(Channel channel) {
    signs(channel.getSession()).channels().incrementAndGet();
  }

  @Override
  public void channelClosed(Channel channel, @Nullable Throwable reason) {
    var signs = signs(channel.getSession());
    signs.channels().decrementAndGet();
    signs.busy().set(System.nanoTime());
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
