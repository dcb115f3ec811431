package dev.widemesh.router;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host's name servers, read again when their file changes. An entry may carry a port
/// (`127.0.0.1#5300`), as some resolvers write it.
final class HostResolvers {
  private static final Logger log = LoggerFactory.getLogger(HostResolvers.class);
  private static final long LOOK_MILLIS = 2_000;

  record Server(String address, int port) {}

  private final Path file;
  private FileTime seen = FileTime.fromMillis(0);
  private volatile List<Server> servers = List.of();

  HostResolvers(Path file) {
    this.file = file;
    read();
  }

  void watch(Vertx vertx) {
    vertx.setPeriodic(LOOK_MILLIS, _ -> vertx.executeBlocking(this::read));
  }

  List<Server> servers() {
    return servers;
  }

  private synchronized boolean read() {
    try {
      var changed = Files.getLastModifiedTime(file);
      if (!changed.equals(seen)) {
        servers = parse(Files.readAllLines(file));
        seen = changed;
      }
      return true;
    } catch (IOException e) {
      log.debug("cannot read {}", file, e);
      return false;
    }
  }

  private static List<Server> parse(List<String> lines) {
    var found = new ArrayList<Server>();
    for (var line : lines) {
      var words = line.strip().split("\\s+", -1);
      if (words.length >= 2 && words[0].equals("nameserver")) {
        add(words[1], found);
      }
    }
    return List.copyOf(found);
  }

  private static void add(String text, List<Server> found) {
    var parts = text.split("#", 2);
    try {
      // Our socket speaks IPv4; hosts with only IPv6 name servers are not supported yet.
      if (InetAddress.ofLiteral(parts[0]).getAddress().length == 4) {
        found.add(new Server(parts[0], parts.length == 2 ? Integer.parseInt(parts[1]) : 53));
      }
    } catch (IllegalArgumentException e) {
      log.warn("not a name server address: {}", text);
    }
  }
}
