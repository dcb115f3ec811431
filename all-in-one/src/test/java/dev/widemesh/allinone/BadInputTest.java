package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class BadInputTest {
  private final TestPlatform platform;

  BadInputTest(TestPlatform platform) {
    this.platform = platform;
  }

  @ParameterizedTest
  @ValueSource(strings = {"Shop", "9lives", "a--b", "a-", "www", "a_b", "../x", "a.b", ""})
  @Tag("ENV-2")
  void a_name_that_breaks_the_rule_is_refused_with_the_rule(String name) {
    var create = platform.mesh("env", "create", name);

    assertThat(create.exitCode()).as(name).isNotZero();
    assertThat(create.err()).contains("a name has 1 to 30 characters");
  }

  @Test
  @Tag("ENV-2")
  void a_name_in_use_is_refused() {
    var name = platform.environmentOf("dup");

    var again = platform.mesh("env", "create", name);

    assertThat(again.exitCode()).isNotZero();
    assertThat(again.err()).contains(name).contains("try:");
  }

  @Test
  @Tag("DEP-1")
  void a_push_to_an_unknown_stack_says_so() throws IOException {
    var app = App.create(platform, platform.environmentOf("unk"), "shop");
    app.node("one").commit("one");
    app.git("remote", "set-url", "widemesh", platform.remote(app.environment, "shpo")).ok();

    var push = app.push();

    assertThat(push.exitCode()).isEqualTo(128);
    assertThat(push.err())
        .contains("no stack 'shpo'")
        .contains("did you mean 'shop'")
        .contains("Try: ");
  }

  @Test
  @Tag("USR-1")
  void a_key_that_is_not_registered_is_refused() throws IOException {
    var app = App.create(platform, platform.environmentOf("key"), "shop");
    app.node("one").commit("one");
    platform.makeKey("stranger-" + app.environment);
    var environment = new HashMap<>(platform.environment());
    environment.put("GIT_SSH_COMMAND", platform.sshWith("stranger-" + app.environment));

    var push = Shell.run(app.repository, environment, List.of("git", "push", "widemesh", "main"));

    assertThat(push.exitCode()).isEqualTo(128);
    assertThat(push.err()).contains("Permission denied (publickey)");
  }

  @Test
  void a_port_in_use_is_named_and_nothing_is_started() throws IOException {
    try (var taken = new ServerSocket(0)) {
      var up = up(platform.folder.resolve("second"), Map.of(), "--http", "" + taken.getLocalPort());

      assertThat(up.exitCode()).isEqualTo(1);
      assertThat(up.err()).contains("port " + taken.getLocalPort()).contains("--http");
      assertThat(platform.folder.resolve("second")).doesNotExist();
    }
  }

  @Test
  void no_docker_is_said_in_one_line() {
    var up =
        up(
            platform.folder.resolve("nodocker"),
            Map.of("DOCKER_HOST", "unix://" + platform.folder.resolve("none.sock")));

    assertThat(up.exitCode()).isEqualTo(1);
    assertThat(up.err()).contains("Docker Engine does not answer").contains("try:");
    assertThat(platform.folder.resolve("nodocker")).doesNotExist();
  }

  @Test
  void no_disk_is_said_in_one_line() throws IOException {
    var small = Files.createDirectory(platform.folder.resolve("small"));
    root("mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", small.toString()).ok();
    try {
      var up = up(small.resolve("data"), Map.of());

      assertThat(up.exitCode()).isEqualTo(1);
      assertThat(up.err()).contains("MB free").contains("--data");
      assertThat(small.resolve("data")).doesNotExist();
    } finally {
      root("umount", small.toString()).ok();
    }
  }

  @Test
  void a_second_up_on_the_same_folder_is_refused() {
    var up = platform.widemesh("up");

    assertThat(up.exitCode()).isEqualTo(1);
    assertThat(up.err()).contains("already up");
  }

  private Shell.Result up(java.nio.file.Path data, Map<String, String> more, String... args) {
    var argv = new ArrayList<String>();
    argv.add(ProcessHandle.current().info().command().orElseThrow());
    argv.addAll(
        List.of(
            "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path")));
    argv.addAll(List.of("dev.widemesh.allinone.Widemesh", "up", "--data", data.toString()));
    argv.addAll(List.of(args));
    var environment = new HashMap<>(platform.environment());
    environment.putAll(more);
    return Shell.run(platform.folder, environment, argv);
  }

  private Shell.Result root(String... argv) {
    return Shell.run(platform.folder, Map.of(), List.of(argv));
  }
}
