package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that take their time keep nothing from others.
@DisplayNameGeneration(ReplaceUnderscores.class)
class SlowPushTest {
  private static final int LARGE = 11_000_000;
  private static final int HASH = 20;

  @TempDir private Path folder;
  private House house;

  @BeforeEach
  void start() throws IOException {
    house = new House(folder);
  }

  @AfterEach
  void stop() {
    house.close();
  }

  @Test
  void large_deltas_wait_for_their_turn_when_all_of_the_pack_came() throws IOException {
    var pack = packOfALargeDelta();
    var turns = new ArrayList<Boolean>();
    var in = new ByteArrayInputStream(pack);
    try (var incoming =
        IncomingPack.of(
            in,
            PushLimits.DEFAULT,
            heavy -> {
              turns.add(heavy);
              return () -> {};
            },
            folder)) {
      incoming.packBegins();

      assertThat(incoming.readNBytes(pack.length - 1)).hasSize(pack.length - 1);
      assertThat(turns).containsExactly(false);
      assertThat(incoming.read()).isNotNegative();
      assertThat(turns).containsExactly(false, true);
    }
  }

  @Test
  @Tag("DEP-2")
  void a_large_delta_that_does_not_come_to_its_end_keeps_no_other_from_its_turn() throws Exception {
    var content = new byte[LARGE];
    new Random(1).nextBytes(content);
    pushed(content);
    var slow = house.startSsh("git-receive-pack 'shop/web.git'");
    try {
      send(slow.getOutputStream(), command("report-status"));
      var pack = packOfALargeDelta();
      slow.getOutputStream().write(pack, 0, pack.length - HASH);
      slow.getOutputStream().flush();
      House.await("its pack comes", this::isPackComing);

      content[LARGE / 2]++;
      pushed(content);

      assertThat(slow.isAlive()).isTrue();
    } finally {
      slow.destroyForcibly().waitFor();
    }
  }

  @Test
  void whoever_drips_is_told_so_and_leaves_nothing() throws Exception {
    var standard = PushLimits.DEFAULT;
    house.restart(
        new PushLimits(
            standard.file(),
            standard.pack(),
            standard.objects(),
            standard.structure(),
            standard.unpacked(),
            standard.compose(),
            standard.silence(),
            new PushLimits.Pace(1_000_000, Duration.ofSeconds(1), Duration.ofHours(1)),
            standard.freeDisk()));
    var push = house.startSsh("git-receive-pack 'shop/web.git'");
    try {
      var out = push.getOutputStream();
      send(out, command("report-status side-band-64k"));
      var pack = new ByteArrayInputStream(packOfALargeDelta());

      House.await("it is told", () -> drip(pack, out) && isTold());
    } finally {
      push.destroyForcibly().waitFor();
    }
    House.await("nothing is left", this::isQuarantineEmpty);
  }

  /// As long as somebody reads it.
  private static boolean drip(ByteArrayInputStream pack, OutputStream out) {
    try {
      out.write(pack.readNBytes(100));
      out.flush();
    } catch (IOException _) {
      // It was refused.
    }
    return true;
  }

  private boolean isTold() {
    try {
      return Files.readString(house.folder.resolve("ssh.out"), StandardCharsets.ISO_8859_1)
          .contains(
              " !     The push came too slowly, and others wait: less than 1,000,000 bytes a"
                  + " second\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void pushed(byte[] content) throws IOException {
    Files.write(house.work.resolve("app.bin"), content);
    house.git("add", "-A").ok();
    house.git("commit", "-q", "-m", "change").ok();
    house.git("push", house.url(), "main").ok();
  }

  private static byte[] command(String capabilities) {
    var command = "0".repeat(40) + " " + "1".repeat(40) + " refs/heads/other\0" + capabilities;
    return "%04x%s0000"
        .formatted(command.length() + 4, command)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void send(OutputStream out, byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /// Of one object, whose base nobody has: its delta is 11 MB of noise. The hash at the end is
  /// none.
  private static byte[] packOfALargeDelta() {
    var pack = new ByteArrayOutputStream();
    pack.writeBytes(HexFormat.of().parseHex("5041434b" + "00000002" + "00000001"));
    // The lowest four bits of its size are 0.
    pack.write(0x80 | (7 << 4));
    for (var left = LARGE >>> 4; left != 0; left >>>= 7) {
      pack.write((left & 0x7f) | (left >>> 7 == 0 ? 0 : 0x80));
    }
    pack.writeBytes(new byte[HASH]);
    pack.writeBytes(deflated());
    pack.writeBytes(new byte[HASH]);
    return pack.toByteArray();
  }

  private static byte[] deflated() {
    var content = new byte[LARGE];
    new Random(2).nextBytes(content);
    // The sizes of base and result: 1.
    content[0] = 1;
    content[1] = 1;
    try (var deflater = new Deflater(Deflater.BEST_SPEED)) {
      deflater.setInput(content);
      deflater.finish();
      var bytes = new byte[LARGE + 100_000];
      return java.util.Arrays.copyOf(bytes, deflater.deflate(bytes));
    }
  }

  private boolean isPackComing() {
    try (var files = Files.walk(house.data().resolve("quarantine"))) {
      return files.anyMatch(file -> file.toString().endsWith(".pack"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isQuarantineEmpty() {
    try {
      return house.quarantine().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
