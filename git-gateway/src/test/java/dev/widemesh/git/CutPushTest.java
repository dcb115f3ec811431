package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CutPushTest {
  private static final int SIZE = 3_000_000;

  @TempDir private Path folder;
  private House house;

  @BeforeEach
  void start() throws IOException {
    house = new House(folder);
    house.restart(new Pulse.Pace(Duration.ofMillis(300), Duration.ofMillis(1_500)));
    var content = new byte[SIZE];
    new Random(1).nextBytes(content);
    Files.write(house.work.resolve("app.bin"), content);
    house.git("add", "-A").ok();
    house.git("commit", "-q", "-m", "one").ok();
  }

  @AfterEach
  void stop() {
    house.close();
  }

  @Test
  @Tag("DEP-2")
  void a_network_that_breaks_anywhere_in_a_push_leaves_nothing() throws Exception {
    var random = new Random(2);
    for (var i = 0; i < 6; i++) {
      try (var cable = Cable.to(house.gateway().port(), 20_000 + random.nextInt(SIZE - 40_000))) {
        var url = house.url().replace(":" + house.gateway().port(), ":" + cable.port());
        var client = house.startGit(folder.resolve("out"), "push", url, "main");
        House.await("the network breaks", cable::isCut);

        House.await("nothing is left", this::isQuarantineEmpty);
        client.descendants().forEach(ProcessHandle::destroyForcibly);
        client.destroyForcibly().waitFor();
      }
    }
    assertThat(house.refs()).isEmpty();
    assertThat(Disk.list(house.repository().resolve("objects/pack"))).isEmpty();

    house.git("push", house.url(), "main").ok();
    assertThat(house.branch("main")).isEqualTo(house.head());
  }

  @Test
  void a_pack_that_stops_coming_is_ended_though_its_client_lives() throws Exception {
    var standard = PushLimits.DEFAULT;
    house.restart(
        new PushLimits(
            standard.file(),
            standard.pack(),
            standard.objects(),
            standard.structure(),
            standard.unpacked(),
            Duration.ofMinutes(1),
            Duration.ofSeconds(1),
            standard.pace(),
            standard.freeDisk()));
    var command = "0".repeat(40) + " " + "1".repeat(40) + " refs/heads/main\0report-status";
    var push = house.startSsh("git-receive-pack 'shop/web.git'");
    try {
      var text = "%04x%s0000PACK".formatted(command.length() + 4, command);
      push.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      push.getOutputStream().flush();

      House.await("it is ended", () -> !push.isAlive());
    } finally {
      push.destroyForcibly().waitFor();
    }
    House.await("nothing is left", this::isQuarantineEmpty);
  }

  private boolean isQuarantineEmpty() {
    try {
      return house.quarantine().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
