package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Two Dockerfile builds at once, of which one has raw sockets and looks for the other.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class DockerfileNetworkTest {
  private static final String LISTENS =
      """
      FROM widemesh/build:13
      RUN python3 -m http.server 8080 & sleep 120; exit 3
      """;
  private static final String LOOKS =
      """
      FROM widemesh/build:13
      USER root
      COPY look.py /
      RUN python3 /look.py ADDRESS; exit 3
      """;

  /// Asks by ARP, as whoever wants to pass for another begins, and by TCP.
  private static final String LOOK =
      """
      import socket, struct, sys, fcntl
      raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
      raw.bind(('eth0', 0))
      raw.settimeout(3)
      def about_me(call):
          return fcntl.ioctl(raw, call, struct.pack('256s', b'eth0'))
      mac = about_me(0x8927)[18:24]
      me = about_me(0x8915)[20:24]
      with open('/proc/net/route') as routes:
          gateway = next(r.split()[2] for r in routes if r.split()[1] == '00000000')
      gateway = socket.inet_ntoa(struct.pack('<L', int(gateway, 16)))
      def arp(name, address):
          who = socket.inet_aton(address)
          raw.send(b'\\xff' * 6 + mac + b'\\x08\\x06' + b'\\0\\1\\x08\\0\\6\\4\\0\\1'
                   + mac + me + b'\\0' * 6 + who)
          try:
              while True:
                  answer = raw.recv(100)
                  if answer[20:22] == b'\\0\\2' and answer[28:32] == who:
                      print('LOOK', name, 'answers', flush=True)
                      return
          except OSError:
              print('LOOK', name, 'is silent', flush=True)
      arp('gateway', gateway)
      arp('neighbour', sys.argv[1])
      try:
          socket.create_connection((sys.argv[1], 8080), 3)
          print('LOOK tcp answers')
      except OSError:
          print('LOOK tcp is silent')
      """;

  private final TestPlatform platform;

  DockerfileNetworkTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("BLD-12")
  void two_builds_at_once_are_not_on_one_network() throws IOException {
    var neighbour = App.create(platform, platform.environmentOf("listens"), "site");
    neighbour.write("Dockerfile", LISTENS).commit("listens");
    var push = Shell.inBackground(neighbour::push);
    try {
      var step = runningStep();
      var address = address(step);
      var network = inspect(step, "{{.HostConfig.NetworkMode}}");

      var curious = App.create(platform, platform.environmentOf("looks"), "site");
      var seen =
          curious
              .write("Dockerfile", LOOKS.replace("ADDRESS", address))
              .write("look.py", LOOK)
              .commit("looks")
              .push();

      assertThat(seen.err())
          .contains("LOOK gateway answers", "LOOK neighbour is silent", "LOOK tcp is silent");
      assertThat(onNetwork(network, inspect(step, "{{.Image}}"), address))
          .as("control")
          .contains("LOOK neighbour answers");
    } finally {
      neighbour.mesh("deployments", "cancel", "v0");
      push.join();
    }
  }

  /// Of the only Dockerfile build that is under way on the platform, once it listens. Its output is
  /// not asked for: it is kept from logs.
  private String runningStep() throws IOException {
    var id = Platform.read(new DataFolder(platform.data)).id();
    var found = new CompletableFuture<String>();
    Await.until(
        "the first build listens",
        Duration.ofMinutes(1),
        () -> {
          var marked = "{{.ID}} {{.Label \"dev.widemesh.dockerfile\"}}";
          for (var line : docker("ps", "--format", marked).lines().toList()) {
            var container = line.replaceFirst(" .*", "");
            if (line.startsWith(container + " " + id + "/") && isListening(container)) {
              found.complete(container);
            }
          }
          return found.isDone();
        });
    return found.join();
  }

  private boolean isListening(String container) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address(container), 8080), 1_000);
      return true;
    }
  }

  private String address(String container) {
    return inspect(container, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
  }

  /// The same question, asked from beside the neighbour.
  private String onNetwork(String network, String image, String address) {
    return docker(
        "run", "--rm", "--user", "0", "--network", network, image, "python3", "-c", LOOK, address);
  }

  private String inspect(String container, String format) {
    return docker("inspect", "--format", format, container).strip();
  }

  private String docker(String... args) {
    var argv = new java.util.ArrayList<>(List.of("docker"));
    argv.addAll(List.of(args));
    return Shell.run(platform.folder, Map.of(), argv).ok().out();
  }
}
