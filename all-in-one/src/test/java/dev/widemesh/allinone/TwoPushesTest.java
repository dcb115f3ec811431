package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
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

  /// Long enough to be looked at and stopped.
  private static final String SLOWER = SLOW.replace("sleep 4", "sleep 12");

  private static final String BUILDING = "\"version\":1,\"state\":\"building\"";

  private final TestPlatform platform;

  TwoPushesTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("DEP-5")
  void two_pushes_at_once_end_in_one_that_is_live_and_one_that_was_told() throws IOException {
    var app = App.create(platform, platform.environmentOf("two"), "shop");
    app.node("base").commit("base").push().ok();
    var other = platform.folder.resolve("other-" + app.environment);
    app.git("clone", "-q", platform.remote(app.environment, "shop"), other.toString()).ok();
    // Both builds are long enough for the other push to arrive meanwhile.
    app.node("left").write("package.json", SLOW).commit("left");
    Files.writeString(other.resolve("package.json"), SLOW);
    Files.writeString(other.resolve("server.js"), App.SERVER.replace("VERSION", "right"));
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
    var winner = app.remoteHead();
    assertThat(lost.getFirst().err())
        .contains("[remote rejected]")
        .contains("main moved to " + winner.substring(0, 7) + " while this push waited");
    assertThat(app.answer()).startsWith(left.join().exitCode() == 0 ? "left" : "right");
  }

  @Test
  @Tag("DEP-5")
  void a_push_that_a_newer_one_overtakes_in_the_queue_is_superseded() throws IOException {
    var app = App.create(platform, platform.environmentOf("queue"), "shop");
    app.node("base").commit("base").push().ok();
    // The first build is long enough for both of the others to arrive meanwhile.
    app.write("package.json", SLOW);
    var pushes = new java.util.ArrayList<CompletableFuture<Shell.Result>>();
    for (var n = 1; n <= 3; n++) {
      app.write("server.js", App.SERVER.replace("VERSION", "n" + n)).commit("n" + n);
      var commit = app.head();
      pushes.add(
          Shell.inBackground(() -> app.git("push", "widemesh", commit + ":refs/heads/main")));
      var version = "\"version\":" + n;
      Await.until(
          "it is queued", Duration.ofSeconds(20), () -> app.deployments().contains(version));
    }
    var results = pushes.stream().map(CompletableFuture::join).toList();

    assertThat(results.get(0).exitCode()).as(results.toString()).isZero();
    assertThat(results.get(1).exitCode()).as(results.toString()).isNotZero();
    assertThat(results.get(1).err()).contains("superseded");
    assertThat(results.get(2).exitCode()).as(results.toString()).isZero();
    assertThat(app.answer()).startsWith("n3");
  }

  @Test
  @Tag("nightly")
  @Tag("DEP-4")
  void a_deployment_goes_live_though_its_git_is_killed_while_it_builds() throws Exception {
    var app = App.create(platform, platform.environmentOf("gone"), "shop");
    app.node("before").commit("before").push().ok();
    app.node("after").write("package.json", SLOWER).commit("after");
    var push =
        Shell.start(
            app.repository, platform.environment(), List.of("git", "push", "widemesh", "main"));
    awaitBuild(app);

    for (var process : Stream.concat(push.descendants(), Stream.of(push.toHandle())).toList()) {
      process.destroyForcibly();
    }
    push.waitFor();

    assertThat(app.deployments()).contains(BUILDING);
    assertThat(app.answer()).startsWith("before");
    var followed = app.mesh("deployments", "show", "v1", "--follow").ok();
    assertThat(followed.out()).contains("Node.js");
    assertThat(app.mesh("deployments", "show", "v1", "--json").ok().out())
        .contains("\"state\" : \"live\"", "\"live\" : true");
    Await.until(
        "the branch moves", Duration.ofSeconds(30), () -> app.remoteHead().equals(app.head()));
    assertThat(app.answer()).startsWith("after");
  }

  @Test
  @Tag("DEP-4")
  void a_deployment_that_is_cancelled_leaves_branch_and_traffic_as_they_were() throws IOException {
    var app = App.create(platform, platform.environmentOf("stop"), "shop");
    app.node("before").commit("before").push().ok();
    var before = app.remoteHead();
    app.node("after").write("package.json", SLOWER).commit("after");
    var push = Shell.inBackground(app::push);
    awaitBuild(app);

    assertThat(app.mesh("deployments", "cancel", "v1").ok().out())
        .contains("Cancelled deployment v1.");

    var pushed = push.join();
    assertThat(pushed.exitCode()).as(pushed.all()).isEqualTo(1);
    assertThat(pushed.err()).contains("[remote rejected]", "v1 was cancelled");
    assertThat(app.deployments()).contains("\"version\":1,\"state\":\"cancelled\"");
    assertThat(app.remoteHead()).isEqualTo(before).isNotEqualTo(app.head());
    assertThat(app.answer()).startsWith("before");
    app.node("next").commit("next").push().ok();
    assertThat(app.answer()).startsWith("next");
  }

  private static void awaitBuild(App app) {
    Await.until("it builds", Duration.ofSeconds(30), () -> app.deployments().contains(BUILDING));
  }
}
