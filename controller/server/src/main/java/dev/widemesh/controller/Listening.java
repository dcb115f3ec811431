package dev.widemesh.controller;

import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.model.Diagnosis;
import java.util.List;
import java.util.Optional;

/// Compares the sockets on which an instance listens with the one on which it should.
final class Listening {
  // Docker's own name server listens inside every container.
  private static final String DOCKER_DNS = "127.0.0.11";

  private Listening() {}

  /// It listens, but where nobody reaches it. Empty while it listens on nothing.
  static Optional<Diagnosis> misplaced(InstanceSet set, RackReport.Instance instance) {
    var port = set.spec().port();
    var sockets = sockets(instance);
    if (port == 0 || sockets.isEmpty() || sockets.stream().anyMatch(s -> s.reaches(port))) {
      return Optional.empty();
    }
    var evidence = instance.lastLines();
    var shut = sockets.stream().filter(s -> s.loopback() && s.port() == port).findFirst();
    var open = sockets.stream().filter(s -> !s.loopback()).findFirst();
    if (shut.isEmpty() && open.isPresent()) {
      return Optional.of(new Diagnosis.WrongPort(set.service(), open.get().text(), port, evidence));
    }
    var closed = shut.orElse(sockets.getFirst());
    return Optional.of(new Diagnosis.BoundToLoopback(set.service(), closed.text(), port, evidence));
  }

  static boolean reaches(InstanceSet set, RackReport.Instance instance) {
    return sockets(instance).stream().anyMatch(socket -> socket.reaches(set.spec().port()));
  }

  private static List<Socket> sockets(RackReport.Instance instance) {
    return instance.listening().stream()
        .map(Socket::parse)
        .flatMap(Optional::stream)
        .filter(socket -> !socket.host().equals(DOCKER_DNS))
        .toList();
  }

  private record Socket(String text, String host, int port) {
    static Optional<Socket> parse(String text) {
      var colon = text.lastIndexOf(':');
      try {
        var host = text.substring(0, Math.max(0, colon)).replace("[", "").replace("]", "");
        return Optional.of(new Socket(text, host, Integer.parseInt(text.substring(colon + 1))));
      } catch (NumberFormatException _) {
        return Optional.empty();
      }
    }

    boolean loopback() {
      return host.startsWith("127.") || host.equals("::1") || host.startsWith("::ffff:127.");
    }

    boolean reaches(int wanted) {
      return port == wanted && !loopback();
    }
  }
}
