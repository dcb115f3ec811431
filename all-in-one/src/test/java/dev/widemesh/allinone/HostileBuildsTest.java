package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Pushes whose builds turn on their server, beside an app that only wants to work. A platform of
/// its own, with limits that are reached soon.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
class HostileBuildsTest {
  private static TestPlatform platform;
  private static App neighbour;
  private static App app;
  private static Load load;

  @BeforeAll
  static void start() throws IOException {
    platform =
        TestPlatform.startOn(
            Path.of(System.getProperty("java.io.tmpdir")),
            Map.of(
                "WIDEMESH_BUILD_TIME", "90s",
                "WIDEMESH_BUILD_MEMORY", "700m",
                "WIDEMESH_BUILD_PROCESSES", "128",
                "WIDEMESH_BUILD_DISK", "500m"));
    neighbour = App.create(platform, platform.environmentOf("neighbour"), "shop");
    neighbour.node("works").commit("one").push().ok();
    app = App.create(platform, platform.environmentOf("hostile"), "shop");
    app.node("old").commit("old").push().ok();
    load = new Load(neighbour, 1);
  }

  /// After everything: whoever did nothing noticed nothing.
  @AfterAll
  static void stop() throws IOException {
    load.close();
    try {
      assertThat(load.failures()).isEmpty();
      assertThat(load.answered()).isGreaterThan(500);
      assertThat(platform.mesh("status").exitCode()).isZero();
      assertThat(builds()).isEmpty();
    } finally {
      platform.close();
    }
  }

  private static String builds() throws IOException {
    var id = Platform.read(new DataFolder(platform.data)).id();
    return Shell.run(
            platform.folder,
            Map.of(),
            java.util.List.of("docker", "ps", "-q", "--filter", "name=wm-" + id + "-build-"))
        .ok()
        .out();
  }

  private static Shell.Result push(String script) throws IOException {
    app.write("script.sh", script)
        .write(
            "package.json",
            "{\"scripts\":{\"build\":\"bash script.sh\",\"start\":\"node server.js\"}}");
    return app.commit("hostile").push();
  }

  private static void fails(String script, String cause) throws IOException {
    var push = push(script);

    assertThat(push.exitCode()).as(push.all()).isEqualTo(1);
    assertThat(push.err()).contains(" !     " + cause).contains(" !     Try: ");
    assertThat(app.answer()).startsWith("old");
  }

  @Test
  @Tag("BLD-12")
  void a_fork_bomb() throws IOException {
    fails(
        "f() { f | f & }\nf\nwait\nsleep 1000\n",
        "the build started too many processes (limit 128 at once)");
  }

  @Test
  @Tag("BLD-12")
  void a_memory_bomb() throws IOException {
    fails("tail /dev/zero\n", "the build ran out of memory (limit 700 MB)");
  }

  @Test
  @Tag("BLD-12")
  void a_bomb_that_fills_the_disk() throws IOException {
    fails("head -c 20G /dev/zero >big\nsleep 1000\n", "the build wrote more than 500 MB");
  }

  @Test
  @Tag("BLD-12")
  void an_endless_build() throws IOException {
    fails("sleep 1000\n", "the build took longer than 90 s");
  }

  /// What the host has is not in reach, whatever the links of the commit say.
  @Test
  @Tag("BLD-12")
  void links_out_of_the_tree_lead_nowhere_and_are_named() throws IOException {
    var secret = platform.folder.resolve("secret");
    Files.writeString(secret, "only the host has this");
    var link = app.repository.resolve("leak");
    Files.createSymbolicLink(link, secret);
    Files.createSymbolicLink(app.repository.resolve("up"), Path.of("../../../../etc/shadow"));

    var push = push("cat leak; cat up; exit 9\n");

    assertThat(push.exitCode()).isEqualTo(1);
    assertThat(push.err())
        .contains("Links that lead out of the app, to nothing of yours: leak -> " + secret)
        .contains("up -> ../../../../etc/shadow")
        .contains("No such file or directory")
        .doesNotContain("only the host has this");
    Files.delete(link);
    Files.delete(app.repository.resolve("up"));
  }

  /// 12 MB of lines, then the cause: the middle is left out, beginning and end are kept.
  @Test
  @Tag("BLD-12")
  void a_flood_of_lines_keeps_its_beginning_and_its_end() throws IOException {
    var push =
        push("echo it begins\nyes \"$(printf '%1000s' x)\" | head -12000\necho it ends\nexit 9\n");

    assertThat(push.exitCode()).isEqualTo(1);
    assertThat(push.err())
        .contains("it begins")
        .containsPattern("\\.\\.\\. [\\d,]+ lines dropped \\.\\.\\.")
        .contains("it ends");
  }
}
