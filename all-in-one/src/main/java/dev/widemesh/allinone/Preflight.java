package dev.widemesh.allinone;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// What must be so before anything is started, each with its own words when it is not.
final class Preflight {
  private static final long ENOUGH_DISK = 2_000_000_000L;
  // sockaddr_un holds 108 bytes, the last of which is 0.
  private static final int LONGEST_SOCKET = 107;

  private Preflight() {}

  static void root(String command) {
    if (!System.getProperty("user.name").equals("root")) {
      throw new Refused(
          "Widemesh runs as root: it makes networks and firewall rules",
          "sudo ./widemesh " + command);
    }
  }

  /// Where things can lie: sockets and PostgreSQL's own user set bounds.
  static void folder(DataFolder data) throws IOException {
    var socket = data.routesSocket().toString().getBytes(StandardCharsets.UTF_8).length;
    if (socket > LONGEST_SOCKET) {
      throw new Refused(
          "the path of the data folder is %d bytes too long for its sockets"
              .formatted(socket - LONGEST_SOCKET),
          "choose a shorter one: --data " + DataFolder.usual());
    }
    if (Supervisor.ownDatabase()) {
      var parent = data.root().getParent(); // the folder itself is opened by `up`
      enterable(existing(parent == null ? data.root() : parent));
    }
  }

  private static void enterable(Path folder) throws IOException {
    for (var each = folder.toRealPath(); each != null; each = each.getParent()) {
      if (!Files.getPosixFilePermissions(each).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        throw new Refused(
            "PostgreSQL runs as a user of its own, which may not enter " + each,
            "choose a folder outside of private ones: --data " + DataFolder.usual());
      }
    }
  }

  static void disk(Path folder) throws IOException {
    disk(folder, 0);
  }

  /// With room for what is brought there at once.
  static void disk(Path folder, long brought) throws IOException {
    var free = Files.getFileStore(existing(folder.toAbsolutePath())).getUsableSpace();
    var needed = ENOUGH_DISK + brought;
    if (free < needed) {
      throw new Refused(
          "only %d MB free for %s, at least %d MB are needed"
              .formatted(free / 1_000_000, folder, needed / 1_000_000),
          "free some space, or choose another disk with --data DIR");
    }
  }

  private static Path existing(Path folder) {
    var parent = folder.getParent();
    return Files.exists(folder) || parent == null ? folder : existing(parent);
  }

  /// Asks the engine itself: a socket file alone says nothing.
  static void docker() {
    var socket = dockerSocket();
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(
          ByteBuffer.wrap(
              "GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      var answer = ByteBuffer.allocate(64);
      channel.read(answer);
      var text = new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
      if (!text.contains(" 200 ")) {
        throw new IOException("answered " + text.lines().findFirst().orElse("nothing"));
      }
    } catch (IOException e) {
      throw new Refused(
          "Docker Engine does not answer at %s (%s)".formatted(socket, e.getMessage()),
          "start it: systemctl start docker (or, without systemd: dockerd &); on Debian and Ubuntu"
              + " it is installed by: apt-get install docker.io");
    }
  }

  /// DOCKER_HOST as the docker command reads it, but an engine on this machine: its networks and
  /// firewall rules are made here.
  private static Path dockerSocket() {
    var host = System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock");
    if (!host.startsWith("unix://")) {
      throw new Refused(
          "DOCKER_HOST is " + host + ", but Widemesh needs the engine of this machine",
          "unset DOCKER_HOST");
    }
    return Path.of(host.substring("unix://".length()));
  }

  static void ports(Platform platform) throws IOException {
    var wanted = new LinkedHashMap<String, Integer>();
    wanted.put("http", platform.http());
    wanted.put("https", platform.https());
    wanted.put("ssh", platform.ssh());
    wanted.put("api", platform.api());
    distinct(wanted);
    for (var port : wanted.entrySet()) {
      var address = port.getKey().equals("api") ? "127.0.0.1" : platform.listen();
      free(port.getKey(), address, port.getValue());
    }
  }

  private static void distinct(Map<String, Integer> wanted) {
    var taken = new HashMap<Integer, String>();
    wanted.forEach(
        (option, port) -> {
          var other = taken.putIfAbsent(port, option);
          if (other != null) {
            throw new Refused(
                "--%s and --%s are both %d".formatted(other, option, port),
                "give each a port of its own");
          }
        });
  }

  private static void free(String option, String address, int port) throws IOException {
    if (port < 1 || port > 65_535) {
      throw new Refused("--%s %d is not a port".formatted(option, port), "use 1 to 65535");
    }
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
    } catch (java.net.UnknownHostException e) {
      throw new Refused(
          "'" + address + "' is not an address of this machine",
          "use --listen 127.0.0.1, 0.0.0.0 or ::");
    } catch (java.net.BindException e) {
      throw new Refused(
          "port %d on %s cannot be used: %s".formatted(port, address, e.getMessage()),
          "choose another with --%s PORT, or stop what listens there (ss -ltnp 'sport = :%d')"
              .formatted(option, port));
    }
  }
}
