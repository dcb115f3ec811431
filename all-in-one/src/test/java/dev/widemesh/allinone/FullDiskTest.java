package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A platform whose data lies on a small disk, which gets full.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
@Tag("alone")
class FullDiskTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static SmallDisk disk;
  private static TestPlatform platform;

  @BeforeAll
  static void start() throws IOException {
    disk = SmallDisk.of(6_000_000_000L);
    platform = TestPlatform.startOn(disk.folder(), Map.of());
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
    disk.close();
  }

  private static App serving(String name) throws IOException {
    var app = App.create(platform, platform.environmentOf(name), "shop");
    app.node("old").commit("old").push().ok();
    return app;
  }

  @Test
  @Tag("BLD-12")
  @Tag("DEP-12")
  void a_build_that_fills_the_disk_is_ended_before_it_is_full_and_gives_it_back()
      throws IOException {
    var app = serving("fills");
    var before = disk.percentUsed();
    app.write(
        "package.json",
        """
        {"scripts":{"build":"head -c 20G /dev/zero >big","start":"node server.js"}}
        """);
    Shell.Result push;
    try (var load = new Load(app, 1)) {
      push = app.commit("fill").push();
      assertThat(load.failures()).isEmpty();
    }

    assertThat(push.exitCode()).as(push.all()).isEqualTo(1);
    assertThat(push.err())
        .contains(" !     no space left on the disk of the server")
        .contains(" !     Try: free disk space on the server, then push again");
    Await.until("the space is there again", MINUTE, () -> disk.percentUsed() <= before + 2);
    app.node("new").commit("mended").push().ok();
    assertThat(app.answer()).startsWith("new");
  }

  @Test
  @Tag("RTR-6")
  void a_disk_without_a_byte_left_stops_no_app_and_nothing_is_to_be_mended_by_hand()
      throws IOException {
    var app = serving("none");
    app.node("new").commit("new");
    Shell.Result push;
    try (var load = new Load(app, 1)) {
      disk.fillUp();
      push = app.push();
      disk.relieve();
      assertThat(load.failures()).isEmpty();
      assertThat(load.answered()).isPositive();
    }

    assertThat(push.exitCode()).as(push.all()).isNotZero();
    assertThat(app.answer()).startsWith("old");
    Await.until("a push goes through", MINUTE, () -> app.push().exitCode() == 0);
    assertThat(app.answer()).startsWith("new");
    assertThat(platform.widemesh("status").exitCode()).isZero();
  }
}
