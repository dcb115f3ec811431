package dev.widemesh.git;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.session.ServerSessionImpl;
import org.apache.sshd.server.session.SessionFactory;
import org.jspecify.annotations.Nullable;

/// Turns connections away before the costly key exchange: too many from one address, too many at
/// once, too many that have not said who they are.
///
/// It does so where sessions are made: sshd has a listener for new connections too, but never
/// closes those that the listener refuses.
final class Admission extends SessionFactory implements SessionListener {
  private static final int MAX_OPEN = 500;
  private static final int MAX_OPEN_PER_ADDRESS = 60;
  private static final int MAX_STRANGERS = 100;
  private static final int MAX_ADDRESSES = 10_000;

  private final Set<Session> open = ConcurrentHashMap.newKeySet();
  private final Set<Session> strangers = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<String, Allowance> allowances = new ConcurrentHashMap<>();

  Admission(SshServer server) {
    super(server);
  }

  @Override
  protected ServerSessionImpl doCreateSession(IoSession connection) throws Exception {
    var address = host(connection.getRemoteAddress());
    if (open.size() >= MAX_OPEN
        || strangers.size() >= MAX_STRANGERS
        || fromThere(address) >= MAX_OPEN_PER_ADDRESS
        || !allowance(address).take(System.nanoTime())) {
      throw new IOException("too many connections from " + address);
    }
    return super.doCreateSession(connection);
  }

  private long fromThere(String address) {
    return open.stream()
        .filter(session -> host(session.getIoSession().getRemoteAddress()).equals(address))
        .count();
  }

  private Allowance allowance(String address) {
    if (allowances.size() >= MAX_ADDRESSES) {
      allowances.values().removeIf(allowance -> allowance.isIdle(System.nanoTime()));
    }
    return allowances.computeIfAbsent(address, _ -> new Allowance(System.nanoTime()));
  }

  private static String host(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? inet.getAddress().getHostAddress()
        : String.valueOf(address);
  }

  Set<Session> open() {
    return Set.copyOf(open);
  }

  @Override
  public void sessionCreated(Session session) {
    open.add(session);
    strangers.add(session);
  }

  @Override
  public void sessionEvent(Session session, SessionListener.Event event) {
    if (event == SessionListener.Event.Authenticated) {
      strangers.remove(session);
    }
  }

  @Override
  public void sessionClosed(Session session) {
    open.remove(session);
    strangers.remove(session);
  }

  /// A bucket of connections that refills.
  private static final class Allowance {
    private static final double PER_SECOND = 15;
    private static final double MOST = 30;
    private static final Duration IDLE = Duration.ofSeconds(10);

    private double left = MOST;
    private long refilled;

    Allowance(long now) {
      refilled = now;
    }

    synchronized boolean take(long now) {
      left = Math.min(MOST, left + (now - refilled) / 1e9 * PER_SECOND);
      refilled = now;
      if (left < 1) {
        return false;
      }
      left--;
      return true;
    }

    synchronized boolean isIdle(long now) {
      return now - refilled > IDLE.toNanos();
    }
  }
}
