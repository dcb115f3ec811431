package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class TwoPushesTest {
  private static final String SLOW =
      """
      {"name":"app","scripts":{"start":"node server.js","build":"sleep 4"}}
      """;

  private final TestPlatform platform;

  TwoPushesTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("DEP-5")
  void two_pushes_at_once_end_in_one_that_is_live_and_one_that_was_told() throws IOException {
    var app = App.create(platform, platform.environmentOf("two"), "shop");
    // Both builds are long enough for the other push to arrive meanwhile.
    app.node("base").write("package.json", SLOW).commit("base").push().ok();
    var other = platform.folder.resolve("other-" + app.environment);
    app.git("clone", "-q", platform.remote(app.environment, "shop"), other.toString()).ok();
    app.write("server.js", App.SERVER.replace("VERSION", "left")).commit("left");
    java.nio.file.Files.writeString(
        other.resolve("server.js"), App.SERVER.replace("VERSION", "right"));
    Shell.run(other, platform.environment(), List.of("git", "commit", "-qam", "right")).ok();

    var left = Shell.inBackground(app::push);
    var right =
        Shell.inBackground(
            () ->
                Shell.run(
                    other, platform.environment(), List.of("git", "push", "origin", "HEAD:main")));
    var results = List.of(left.join(), right.join());

    var won = results.stream().filter(result -> result.exitCode() == 0).toList();
    var lost = results.stream().filter(result -> result.exitCode() != 0).toList();
    assertThat(won).as(results.toString()).hasSize(1);
    assertThat(lost.getFirst().err())
        .contains("[remote rejected]")
        .containsAnyOf("superseded", "moved", "fetch");
    assertThat(app.answer()).startsWith(left.join().exitCode() == 0 ? "left" : "right");
  }

  @Test
  @Tag("DEP-5")
  void a_push_that_a_newer_one_overtakes_in_the_queue_is_superseded() throws IOException {
    var app = App.create(platform, platform.environmentOf("queue"), "shop");
    // The first build is long enough for both of the others to arrive meanwhile.
    app.node("base").write("package.json", SLOW).commit("base").push().ok();
    var pushes = new java.util.ArrayList<CompletableFuture<Shell.Result>>();
    for (var n = 1; n <= 3; n++) {
      app.write("server.js", App.SERVER.replace("VERSION", "n" + n)).commit("n" + n);
      var commit = app.head();
      pushes.add(
          Shell.inBackground(() -> app.git("push", "widemesh", commit + ":refs/heads/main")));
      var version = "\"version\":" + n;
      Await.until(
          "it is queued",
          java.time.Duration.ofSeconds(20),
          () -> app.deployments().contains(version));
    }
    var results = pushes.stream().map(CompletableFuture::join).toList();

    assertThat(results.get(0).exitCode()).as(results.toString()).isZero();
    assertThat(results.get(1).exitCode()).as(results.toString()).isNotZero();
    assertThat(results.get(1).err()).contains("superseded");
    assertThat(results.get(2).exitCode()).as(results.toString()).isZero();
    assertThat(app.answer()).startsWith("n3");
  }
}
