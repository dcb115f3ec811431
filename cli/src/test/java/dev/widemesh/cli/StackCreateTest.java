package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StackCreateTest {
  private static final String REMOTE = "ssh://git@127.0.0.1:7022/shop/web.git";

  @TempDir Path root;
  private FakeController controller;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    controller = new FakeController();
    controller.answers("POST /v1/environments/shop/stacks", Samples.stack(REMOTE));
    shell = new Shell(root).signedInAt(controller);
    shell.variables.put("MESH_ENV", "shop");
  }

  @AfterEach
  void stop() {
    controller.close();
  }

  private String remote() throws Exception {
    return shell.program("git", "remote", "get-url", "widemesh");
  }

  @Test
  void in_a_repository_the_remote_is_added_and_the_push_named() throws Exception {
    shell.program("git", "init", "-q", "-b", "master");

    var made = shell.mesh("create", "stack", "web", "--dockerfile");

    assertThat(made.code()).isEqualTo(ExitCode.OK);
    assertThat(remote()).isEqualTo(REMOTE);
    assertThat(made.err()).contains("git push widemesh master:main");
    assertThat(controller.last().body()).contains("\"formula\":\"dockerfile\"");
  }

  @Test
  void a_remote_that_points_elsewhere_stays_unless_forced() throws Exception {
    shell.program("git", "init", "-q", "-b", "main");
    shell.program("git", "remote", "add", "widemesh", "ssh://git@other/a/b.git");

    var made = shell.mesh("stack", "create", "web");
    assertThat(made.code()).isEqualTo(ExitCode.OK);
    assertThat(remote()).isEqualTo("ssh://git@other/a/b.git");
    assertThat(made.err()).contains("git remote set-url widemesh " + REMOTE);

    assertThat(shell.mesh("stack", "create", "web", "--force").err())
        .contains("git push widemesh main");
    assertThat(remote()).isEqualTo(REMOTE);
  }

  @Test
  void the_folder_of_the_repository_names_it_where_nothing_else_does() throws Exception {
    shell.program("git", "init", "-q");

    assertThat(shell.mesh("stack", "create").code()).isEqualTo(ExitCode.OK);
    assertThat(controller.last().body()).contains("\"name\":\"shop\"");
  }

  @Test
  void outside_of_a_repository_it_says_what_to_do_in_one() {
    var made = shell.mesh("stack", "create", "web");

    assertThat(made.code()).isEqualTo(ExitCode.OK);
    assertThat(made.err()).contains("git remote add widemesh " + REMOTE);
    assertThat(shell.mesh("stack", "create").err()).contains("what is the stack's name?");
  }

  @Test
  void two_formulas_are_one_too_many() {
    assertThat(shell.mesh("stack", "create", "web", "--buildpack", "--dockerfile").code())
        .isEqualTo(ExitCode.USAGE);
  }

  @Test
  void root_and_dockerfile_are_told_and_changed() {
    shell.mesh("stack", "create", "web", "--root", "a/b", "--dockerfile=c/Dockerfile");
    assertThat(controller.last().body())
        .contains("\"formula\":\"dockerfile\"", "\"root\":\"a/b\"")
        .contains("\"dockerfile\":\"c/Dockerfile\"");

    shell.mesh("stack", "create", "--dockerfile", "web");
    assertThat(controller.last().body())
        .contains("\"name\":\"web\"", "\"dockerfile\":\"Dockerfile\"");

    shell.mesh("stack", "create", "--dockerfile", "docker/Dockerfile", "web");
    assertThat(controller.last().body())
        .contains("\"name\":\"web\"", "\"dockerfile\":\"docker/Dockerfile\"");

    controller.answers("PATCH " + Samples.STACK, Samples.stack(REMOTE));
    assertThat(shell.mesh("stack", "set", "web", "--root", ".").out())
        .isEqualTo("Updated stack web.\n");
    assertThat(controller.last().body()).contains("\"root\":\".\"");
    assertThat(shell.mesh("stack", "update", "web").err()).contains("what is to change?");
    assertThat(shell.mesh("stack", "update", "web", "--dockerfile=../x").code())
        .isEqualTo(ExitCode.USAGE);
  }

  @Test
  @Tag("BLD-5")
  void a_stage_is_told_changed_shown_and_none_of_buildpacks() {
    shell.mesh("stack", "create", "web", "--dockerfile", "--target", "Build");
    assertThat(controller.last().body())
        .contains("\"formula\":\"dockerfile\"", "\"stage\":\"build\"");

    controller.answers("PATCH " + Samples.STACK, Samples.stack(REMOTE));
    shell.mesh("stack", "update", "web", "--target", "1");
    assertThat(controller.last().body()).contains("\"formula\":null", "\"stage\":\"1\"");
    assertThat(shell.mesh("stack", "update", "web", "--target", "").code()).isEqualTo(ExitCode.OK);
    assertThat(controller.last().body()).contains("\"stage\":\"\"");

    var asked = controller.requests.size();
    assertThat(shell.mesh("stack", "update", "web", "--target", "a b").err())
        .contains("'a b' is neither the name of a stage nor its number", "write it like build");
    for (var command : new String[] {"create", "update"}) {
      assertThat(shell.mesh("stack", command, "web", "--buildpack", "--target", "x").err())
          .contains("--target names a stage of a Dockerfile, and buildpacks have none");
    }
    assertThat(controller.requests).hasSize(asked);

    controller.answers(
        "GET " + Samples.STACK, Samples.stack("dockerfile", "a/b.Dockerfile", "build", REMOTE));
    assertThat(shell.mesh("stack", "info", "web").out())
        .containsPattern("Formula +dockerfile \\(a/b.Dockerfile, target build\\)\n");
    assertThat(shell.mesh("stack", "info", "web", "--json").out())
        .contains("\"stage\" : \"build\"");
  }

  @Test
  void a_platform_that_knows_no_stages_yet_is_asked_all_the_same() {
    var earlier = Json.MAPPER.<ObjectNode>valueToTree(Samples.stack(REMOTE));
    earlier.remove("stage");
    controller.answers("GET " + Samples.STACK, earlier);

    assertThat(shell.mesh("stack", "info", "web").out()).containsPattern("Formula +buildpack\n");
  }
}
