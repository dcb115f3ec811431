package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.Resources;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When a build may ask the daemon: the script beside sockets that are made in BuildKit's order.
@DisplayNameGeneration(ReplaceUnderscores.class)
class AwaitScriptTest {
  @TempDir Path folder;

  private Process await(int seconds) throws IOException {
    var script = Resources.getResource(KitContainer.class, "await.py");
    return new ProcessBuilder(
            "python3",
            "-c",
            Resources.toString(script, StandardCharsets.UTF_8),
            daemon().toString(),
            traces().toString(),
            String.valueOf(seconds))
        .redirectErrorStream(true)
        .start();
  }

  private Path daemon() {
    return folder.resolve("daemon.sock");
  }

  private Path traces() {
    return folder.resolve("traces.sock");
  }

  private ServerSocketChannel listening(Path socket) throws IOException {
    var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return server.bind(UnixDomainSocketAddress.of(socket));
  }

  @Test
  void a_daemon_that_listens_is_waited_for_until_it_speaks() throws Exception {
    try (var daemon = listening(daemon())) {
      var await = await(60);
      try (var guest = daemon.accept()) {
        assertThat(await.isAlive()).isTrue();
        try (var _ = listening(traces())) {
          guest.write(ByteBuffer.wrap(new byte[1]));
          var said = await.inputReader().lines().toList();
          assertThat(await.waitFor()).as("%s", said).isZero();
        }
        assertThat(Files.isRegularFile(traces())).isTrue();
        assertThat(traces()).isEmptyFile();
      } finally {
        await.destroyForcibly();
      }
    }
  }

  @Test
  void one_that_never_speaks_is_given_up() throws Exception {
    try (var _ = listening(daemon())) {
      var await = await(1);
      try {
        assertThat(await.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(await.inputReader().lines()).singleElement().asString().contains("timed out");
        assertThat(await.exitValue()).isOne();
      } finally {
        await.destroyForcibly();
      }
    }
  }

  @Test
  void one_that_is_not_there_is_given_up() throws Exception {
    var await = await(1);
    try {
      assertThat(await.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(await.inputReader().lines())
          .singleElement()
          .asString()
          .contains("No such file or directory");
      assertThat(await.exitValue()).isOne();
    } finally {
      await.destroyForcibly();
    }
  }
}
