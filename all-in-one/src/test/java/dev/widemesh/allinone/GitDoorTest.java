package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GitDoorTest {
  @ParameterizedTest
  @CsvSource({"SSH-2.0-widemesh,true", "HTTP/1.1 400 Bad,false", "SSH,false"})
  void it_is_open_when_ssh_is_spoken(String greeting, boolean open) throws Exception {
    int port;
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = server.getLocalPort();
      var greeter = Thread.startVirtualThread(() -> greet(server, greeting));

      assertThat(new GitDoor("127.0.0.1", port).isOpen()).isEqualTo(open);
      greeter.join();
    }
    assertThat(new GitDoor("127.0.0.1", port).isOpen()).isFalse();
  }

  private static void greet(ServerSocket server, String greeting) {
    try (var socket = server.accept()) {
      socket.getOutputStream().write(greeting.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
