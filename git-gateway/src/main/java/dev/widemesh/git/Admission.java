package dev.widemesh.git;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.session.ServerSessionImpl;
import org.apache.sshd.server.session.SessionFactory;
import org.jspecify.annotations.Nullable;

/// Turns connections away before the costly key exchange: too many from one address, too many at
/// once. Of those that have not said who they are, too many push out the longest waiting one of the
/// address with the most: a flood harms itself, and whoever comes with a key gets in.
///
/// It does so where sessions are made: sshd has a listener for new connections too, but never
/// closes those that the listener refuses.
final class Admission extends SessionFactory implements SessionListener {
  private static final int MAX_OPEN = 500;
  private static final int MAX_OPEN_PER_ADDRESS = 60;
  private static final int MAX_STRANGERS = 100;
  private static final int MAX_ADDRESSES = 10_000;

  private final Set<Session> open = ConcurrentHashMap.newKeySet();

  /// In the order in which they came.
  private final ConcurrentSkipListMap<Long, Session> strangers = new ConcurrentSkipListMap<>();

  private final AtomicLong arrivals = new AtomicLong();
  private final ConcurrentHashMap<String, Allowance> allowances = new ConcurrentHashMap<>();

  Admission(SshServer server) {
    super(server);
  }

  @Override
  protected ServerSessionImpl doCreateSession(IoSession connection) throws Exception {
    var address = host(connection.getRemoteAddress());
    if (open.size() >= MAX_OPEN
        || fromThere(address) >= MAX_OPEN_PER_ADDRESS
        || !allowance(address).take(System.nanoTime())) {
      throw new IOException("too many connections from " + address);
    }
    if (strangers.size() >= MAX_STRANGERS) {
      pushOut();
    }
    return super.doCreateSession(connection);
  }

  private void pushOut() {
    var waiting = List.copyOf(strangers.entrySet());
    var counts = new HashMap<String, Integer>();
    waiting.forEach(stranger -> counts.merge(host(stranger.getValue()), 1, Integer::sum));
    var most = counts.values().stream().max(Integer::compare).orElse(0);
    waiting.stream()
        .filter(stranger -> most.equals(counts.get(host(stranger.getValue()))))
        .findFirst()
        .ifPresent(
            stranger -> {
              strangers.remove(stranger.getKey());
              var _ = stranger.getValue().close(true);
            });
  }

  private long fromThere(String address) {
    return open.stream().filter(session -> host(session).equals(address)).count();
  }

  private Allowance allowance(String address) {
    if (allowances.size() >= MAX_ADDRESSES) {
      allowances.values().removeIf(allowance -> allowance.isIdle(System.nanoTime()));
    }
    return allowances.computeIfAbsent(address, _ -> new Allowance(System.nanoTime()));
  }

  private static String host(Session session) {
    return host(session.getIoSession().getRemoteAddress());
  }

  /// Of IPv6 the network: one customer has all of its addresses.
  private static String host(@Nullable SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet)) {
      return String.valueOf(address);
    }
    return inet.getAddress() instanceof Inet6Address six
        ? HexFormat.of().formatHex(six.getAddress(), 0, 8)
        : inet.getAddress().getHostAddress();
  }

  Set<Session> open() {
    return Set.copyOf(open);
  }

  @Override
  public void sessionCreated(Session session) {
    open.add(session);
    strangers.put(arrivals.incrementAndGet(), session);
  }

  @Override
  public void sessionEvent(Session session, SessionListener.Event event) {
    if (event == SessionListener.Event.Authenticated) {
      strangers.values().remove(session);
    }
  }

  @Override
  public void sessionClosed(Session session) {
    open.remove(session);
    strangers.values().remove(session);
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
