package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class FirstLightTest {
  private final TestPlatform platform;

  FirstLightTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("DEP-1")
  @Tag("DEP-2")
  @Tag("BLD-13")
  @Tag("SVC-9")
  void a_node_app_with_a_dependency_is_pushed_to_a_url() throws IOException {
    var app = App.create(platform, platform.environmentOf("node"), "hello");
    app.write(
            "package.json",
            """
            {"name":"hello","scripts":{"start":"node server.js"},"dependencies":{"ms":"2.1.3"}}
            """)
        .write("server.js", App.SERVER.replace("VERSION", "${require('ms')('2 days')}"))
        .commit("first");

    var push = app.push();

    assertThat(push.exitCode()).as(push.all()).isZero();
    assertThat(push.err())
        .contains("remote: -----> ")
        .contains("http://" + app.host() + ":" + platform.http);
    assertThat(app.answer()).startsWith("172800000");
    assertThat(app.remoteHead()).isEqualTo(app.head());
  }

  @Test
  @Tag("BLD-8")
  void a_static_site_is_pushed_to_a_url() throws IOException {
    var app = App.create(platform, platform.environmentOf("site"), "www1");
    app.write("index.html", "<h1>plain</h1>\n").write("about/index.html", "about us\n").commit("1");

    var push = app.push();

    assertThat(push.exitCode()).as(push.all()).isZero();
    assertThat(app.answer()).contains("<h1>plain</h1>");
    assertThat(app.answer("/about/")).contains("about us");
  }

  @Test
  @Tag("BLD-4")
  @Tag("BLD-7")
  @Tag("SVC-3")
  @Tag("SVC-13")
  void a_procfile_makes_services_and_scaling_touches_one() throws IOException {
    var app = App.create(platform, platform.environmentOf("proc"), "shop");
    app.node("web")
        .write(
            "Procfile",
            """
            web: node server.js
            clock: while true; do echo "tick ${WIDEMESH_INSTANCE}"; sleep 1; done
            release: echo releasing $WIDEMESH_DEPLOYMENT
            """)
        .commit("procfile");

    var push = app.push().ok();
    assertThat(push.err()).contains("releasing v0");

    app.mesh("svc", "update", "clock", "--instances", "2").ok();
    var services = app.mesh("svc", "ls").ok().out();
    assertThat(services).contains("web", "clock");
    Await.until(
        "logs of both instances",
        Duration.ofSeconds(20),
        () -> {
          var logs = app.mesh("logs", "--no-follow", "--service", "clock").ok().out();
          return logs.contains("tick clock.1") && logs.contains("tick clock.2");
        });
  }

  @Test
  @Tag("BLD-4")
  void a_type_that_left_the_procfile_is_listed_so_and_finds_its_address_when_it_returns()
      throws IOException {
    var environment = platform.environmentOf("leaver");
    var app = App.create(platform, environment, "leaver");
    var with = "web: serve-site\nworker: sleep infinity\n";
    app.write("index.html", "one").write("Procfile", with).commit("one").push().ok();
    assertThat(app.answer()).isEqualTo("one");
    app.mesh("svc", "update", "web", "--instances", "2").ok();

    app.write("Procfile", "worker: sleep infinity\n").commit("no web").push().ok();

    Await.until(
        "only the worker is left",
        Duration.ofSeconds(60),
        () -> platform.containers("leaver").size() == 1);
    Await.until(
        "the list says so",
        Duration.ofSeconds(20),
        () -> app.mesh("svc", "ls").ok().out().contains("scaled to 0"));
    assertThat(app.mesh("svc", "ls").ok().out())
        .containsPattern("leaver +web +absent .* scaled to 0")
        .containsPattern("leaver +worker.1 +worker ");
    assertThat(app.answer()).doesNotContain("one");
    var other = App.create(platform, environment, "taker");
    var refused = other.site("of another").commit("other").push().ok();
    assertThat(refused.err()).contains("web is not published: / of", "belongs to leaver-web");
    assertThat(app.answer()).doesNotContain("of another");

    app.write("index.html", "two").write("Procfile", with).commit("web again").push().ok();

    assertThat(app.answer()).isEqualTo("two");
    assertThat(app.mesh("svc", "ls").ok().out())
        .containsPattern("leaver +web.1 +web ")
        .containsPattern("leaver +web.2 +web ")
        .doesNotContain("absent");
  }

  @Test
  @Tag("STK-2")
  void what_was_pushed_can_be_cloned_and_fetched() throws IOException {
    var app = App.create(platform, platform.environmentOf("clone"), "shop");
    app.site("one").commit("one").push().ok();

    var copy = platform.folder.resolve("copy-" + app.environment);
    app.git("clone", "-q", platform.remote(app.environment, "shop"), copy.toString()).ok();

    assertThat(copy.resolve("index.html")).exists();
    app.site("two").commit("two").push().ok();
    Shell.run(copy, platform.environment(), List.of("git", "pull", "-q")).ok();
    assertThat(copy.resolve("index.html")).content().contains("two");
  }

  @Test
  @Tag("DEP-3")
  void only_the_deploy_branch_deploys() throws IOException {
    var app = App.create(platform, platform.environmentOf("branch"), "shop");
    app.site("one").commit("one").push().ok();
    app.git("checkout", "-q", "-b", "feature").ok();
    app.site("two").commit("two").git("tag", "v2").ok();

    var push = app.git("push", "widemesh", "feature", "v2").ok();

    assertThat(push.err()).contains("feature is kept but not deployed; only main deploys");
    assertThat(app.git("ls-remote", "widemesh").ok().out())
        .contains(app.head() + "\trefs/heads/feature", app.head() + "\trefs/tags/v2");
    assertThat(app.answer()).startsWith("one");
    assertThat(app.deployments()).contains("\"version\":0").doesNotContain("\"version\":1");
  }

  @Test
  @Tag("DEP-3")
  void a_rewritten_history_goes_live_with_force_alone_and_a_shallow_clone_as_it_is()
      throws IOException {
    var app = App.create(platform, platform.environmentOf("force"), "www1");
    app.write("index.html", "one").commit("one").push().ok();
    app.write("index.html", "two").git("commit", "-q", "--amend", "-am", "rewritten").ok();

    assertThat(app.push().err()).contains("[rejected]", "non-fast-forward");
    assertThat(app.answer()).isEqualTo("one");
    app.push("--force").ok();
    assertThat(app.answer()).isEqualTo("two");
    assertThat(app.remoteHead()).isEqualTo(app.head());

    app.write("index.html", "three").commit("three");
    var shallow = platform.folder.resolve("shallow-" + app.environment);
    app.git("clone", "-q", "--depth", "1", "file://" + app.repository, shallow.toString()).ok();
    assertThat(shallow.resolve(".git/shallow")).exists();
    var remote = platform.remote(app.environment, "www1");
    // It does not know what is live, so git itself wants force.
    var push = List.of("git", "push", remote, "main");
    assertThat(Shell.run(shallow, platform.environment(), push).err()).contains("fetch first");
    var forced = List.of("git", "push", "--force", remote, "main");
    Shell.run(shallow, platform.environment(), forced).ok();
    assertThat(app.answer()).isEqualTo("three");
    assertThat(app.remoteHead()).isEqualTo(app.head());
  }

  @Test
  @Tag("ENV-3")
  void a_deleted_environment_leaves_nothing() throws IOException {
    var app = App.create(platform, platform.environmentOf("gone"), "vanishing");
    app.site("one").commit("one").push().ok();
    assertThat(platform.containers("vanishing")).isNotEmpty();

    platform.mesh("env", "delete", app.environment, "--yes").ok();

    Await.until(
        "no name and no container is left",
        Duration.ofMinutes(1),
        () ->
            !platform.mesh("env", "ls").ok().out().contains(app.environment)
                && platform.containers("vanishing").isEmpty());
    assertThat(app.push("--force").exitCode()).isNotZero();
  }
}
