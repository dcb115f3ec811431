package dev.widemesh.cli;

import static dev.widemesh.cli.Samples.outcome;
import static dev.widemesh.cli.Samples.stream;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.DeploymentView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pushes with the real git, into a repository beside it.
@DisplayNameGeneration(ReplaceUnderscores.class)
class DeployTest {
  private static final String V4 = Samples.STACK + "/deployments/4";

  @TempDir Path root;
  private FakeController controller;
  private Shell shell;
  private Path server;

  @BeforeEach
  void start() throws Exception {
    controller = new FakeController();
    shell = new Shell(root).signedInAt(controller).in("shop", "web");
    shell.variables.put("GIT_AUTHOR_DATE", "1700000000 +0000");
    shell.variables.put("GIT_COMMITTER_DATE", "1700000000 +0000");
    server = root.resolve("server.git");
    shell.program("git", "init", "-q", "--bare", server.toString());
    controller.answers("GET " + Samples.STACK, Samples.stack(server.toString()));
    Files.writeString(shell.directory.resolve("index.html"), "hi");
  }

  @AfterEach
  void stop() {
    controller.close();
  }

  /// The deployment that the platform makes of what the folder holds now.
  private DeploymentView made(String state) throws IOException {
    try (var folder = FolderCommit.of(shell.session(), shell.directory)) {
      return made(state, folder.make());
    }
  }

  private DeploymentView made(String state, String commit) {
    var made = Samples.uploaded(4, state, commit);
    controller.answers("GET " + Samples.STACK + "/deployments", new DeploymentView[] {made});
    controller.answers("GET " + V4, made);
    controller.answers("GET " + V4 + "/output", stream(outcome(made)));
    return made;
  }

  private String sent() throws Exception {
    return shell.program(
        "git", "--git-dir=" + server, "for-each-ref", "--format=%(objectname) %(refname)");
  }

  private void serverRuns(String hook) throws IOException {
    var file = server.resolve("hooks/pre-receive");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + hook + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void the_folder_is_sent_and_its_deployment_followed() throws Exception {
    var commit = made("live").commit();

    var result = shell.mesh("deploy");

    assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.OK);
    assertThat(sent()).isEqualTo(commit + " refs/widemesh/upload");
    assertThat(controller.last().target()).isEqualTo(V4 + "/output?follow=true&after=0");
    assertThat(shell.mesh("deploy", ".", "--detach").out())
        .isEqualTo("Deployment v4 is under way.\n");
  }

  @Test
  void the_outcome_is_the_exit_code_also_with_json() throws Exception {
    made("failed");

    var result = shell.mesh("deploy", "--json");

    assertThat(result.code()).isEqualTo(ExitCode.ROLLOUT_FAILED);
    assertThat(result.out()).startsWith("{").contains("\"version\" : 4", "\"upload\"");
    assertThat(result.err()).contains("v4 failed");
  }

  @Test
  void an_image_is_named_and_is_no_folder() throws Exception {
    var made = made("live");
    controller.answers("POST " + Samples.STACK + "/deployments", made);

    assertThat(shell.mesh("deploy", "--image", "ghcr.io/ada/shop:1").code()).isEqualTo(ExitCode.OK);
    assertThat(controller.requests)
        .anyMatch(request -> request.body().equals("{\"image\":\"ghcr.io/ada/shop:1\"}"));
    assertThat(sent()).isEmpty();
    assertThat(shell.mesh("deploy", "--image", "x", ".").err())
        .contains("an image is no folder or commit");
    assertThat(shell.mesh("deploy", "--image", "x", "--root", "y").code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(shell.mesh("deploy", "--image", "a b").err())
        .contains("'a b' is not the name of an image");
  }

  @Test
  void what_the_platform_refuses_is_said_in_its_words() throws Exception {
    serverRuns("echo ' !     A file is larger than 100 MB'; echo ' !     Try: less'; exit 1");

    var result = shell.mesh("deploy");

    assertThat(result.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(result.err()).endsWith("mesh: A file is larger than 100 MB\n  try: less\n");
  }

  @Test
  void hooks_and_settings_of_the_user_do_not_take_part() throws Exception {
    shell.program("git", "init", "-q", "-b", "main");
    shell.program("git", "config", "push.followTags", "true");
    var hook = shell.directory.resolve(".git/hooks/pre-push");
    Files.createDirectories(hook.getParent());
    Files.writeString(hook, "#!/bin/sh\nexit 1\n");
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
    made("live");

    assertThat(shell.mesh("deploy").code()).isEqualTo(ExitCode.OK);
  }

  @Test
  void a_stack_of_the_same_name_on_another_platform_is_not_sent_to() throws Exception {
    var log = sshIsPlayed();
    var here = "ssh://git@here.example.org:7022/shop/web.git";
    controller.answersAnew("GET " + Samples.STACK, Samples.stack(here));
    shell.program("git", "init", "-q", "-b", "main");
    shell.program("git", "remote", "add", "widemesh", here.replace("here.", "there."));

    assertThat(shell.mesh("deploy").err())
        .contains(
            "'widemesh' (its host 'there.example.org' is another platform, or an alias", here);
    assertThat(log).content().contains("here.example.org").doesNotContain("there.example.org");

    shell.program("git", "remote", "set-url", "widemesh", here.replace("git@", "ada@"));
    assertThat(shell.mesh("deploy").err()).doesNotContain("Not to the git remote");
    assertThat(log).content().contains("ada@here.example.org");
  }

  /// Nobody is connected to; where to is written down.
  private Path sshIsPlayed() throws IOException {
    var program = root.resolve("ssh");
    Files.writeString(program, "#!/bin/sh\necho \"$@\" >>\"$0.log\"\nexit 1\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    shell.variables.put("GIT_SSH", program.toString());
    shell.variables.put("GIT_SSH_VARIANT", "ssh");
    return root.resolve("ssh.log");
  }

  @Test
  void the_path_of_a_dockerfile_may_follow_after_a_space_and_a_folder_stays_one() throws Exception {
    serverRuns("env | grep ^GIT_PUSH_OPTION_ | sort >pushed; exit 0");
    shell.program("git", "--git-dir=" + server, "config", "receive.advertisePushOptions", "true");
    made("live");

    assertThat(shell.mesh("deploy", "--dockerfile", "docker/web.Dockerfile").code())
        .isEqualTo(ExitCode.OK);
    assertThat(server.resolve("pushed")).content().contains("=dockerfile=docker/web.Dockerfile\n");
    shell.program("git", "--git-dir=" + server, "update-ref", "-d", "refs/widemesh/upload");
    assertThat(shell.mesh("deploy", "--dockerfile", ".").code()).isEqualTo(ExitCode.OK);
    assertThat(server.resolve("pushed")).content().contains("=dockerfile=Dockerfile\n");
    assertThat(shell.mesh("deploy", "--dockerfile", "docker/web").err())
        .contains("there is no folder", "mesh deploy --dockerfile=docker/web for a Dockerfile");
  }

  @Test
  void buildpacks_are_named_behind_an_equals_sign_and_a_folder_stays_one() throws Exception {
    serverRuns("env | grep ^GIT_PUSH_OPTION_ | sort >pushed; exit 0");
    shell.program("git", "--git-dir=" + server, "config", "receive.advertisePushOptions", "true");
    made("live");

    assertThat(shell.mesh("deploy", "--buildpack", ".").code()).isEqualTo(ExitCode.OK);
    assertThat(pushed()).containsExactly("formula=buildpack");
    shell.program("git", "--git-dir=" + server, "update-ref", "-d", "refs/widemesh/upload");
    assertThat(shell.mesh("deploy", "--buildpack=./mine", "--buildpack=widemesh/nodejs").code())
        .isEqualTo(ExitCode.OK);
    assertThat(pushed())
        .containsExactly("formula=buildpack", "buildpack=./mine", "buildpack=widemesh/nodejs");

    var asked = controller.requests.size();
    assertThat(shell.mesh("deploy", "--buildpack=https://host/a.tgz?token=hunter2").err())
        .contains("has a query", "put it where its address needs no query")
        .doesNotContain("hunter2");
    assertThat(shell.mesh("deploy", "--buildpack", "--dockerfile").err())
        .contains("--buildpack and --dockerfile exclude each other");
    assertThat(shell.mesh("deploy", "--image", "x", "--buildpack=./mine").code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(controller.requests).hasSize(asked);
  }

  @Test
  @Tag("BLD-5")
  void a_stage_goes_with_the_push() throws Exception {
    serverRuns("env | grep ^GIT_PUSH_OPTION_ | sort >pushed; exit 0");
    shell.program("git", "--git-dir=" + server, "config", "receive.advertisePushOptions", "true");
    made("live");

    assertThat(shell.mesh("deploy", "--dockerfile", "--target", "Build").code())
        .isEqualTo(ExitCode.OK);
    assertThat(pushed())
        .containsExactly("formula=dockerfile", "dockerfile=Dockerfile", "target=build");
    shell.program("git", "--git-dir=" + server, "update-ref", "-d", "refs/widemesh/upload");
    assertThat(shell.mesh("deploy", "--target", "").code()).isEqualTo(ExitCode.OK);
    assertThat(pushed()).containsExactly("target=");

    var asked = controller.requests.size();
    assertThat(shell.mesh("deploy", "--buildpack", "--target", "x").err())
        .contains("--target names a stage of a Dockerfile, and buildpacks have none");
    assertThat(shell.mesh("deploy", "--image", "x", "--target", "y").code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(controller.requests).hasSize(asked);
  }

  private List<String> pushed() throws IOException {
    return Files.readAllLines(server.resolve("pushed")).stream()
        .filter(line -> !line.contains("_COUNT="))
        .map(line -> line.replaceFirst("^[^=]*=", ""))
        .toList();
  }

  @Test
  void a_commit_is_sent_as_it_is_whatever_lies_there_now() throws Exception {
    assertThat(shell.mesh("deploy", "--commit", "HEAD").err()).contains("is in no git repository");
    shell.program("git", "init", "-q", "-b", "main");
    var one = commit("one");
    commit("two");
    Files.writeString(shell.directory.resolve("index.html"), "not committed");
    made("live", one);

    var result = shell.mesh("deploy", "--commit", one.substring(0, 8));

    assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.OK);
    assertThat(sent()).isEqualTo(one + " refs/widemesh/upload");
    assertThat(shell.program("git", "status", "--porcelain")).isEqualTo("M index.html");
    Files.writeString(shell.directory.resolve(".gitignore"), "dist/\n");
    var dist = Files.createDirectory(shell.directory.resolve("dist"));
    shell.program("git", "--git-dir=" + server, "update-ref", "-d", "refs/widemesh/upload");
    assertThat(shell.mesh(dist, "deploy", "--commit", "main~1").code())
        .as("where the repository ignores the folder")
        .isEqualTo(ExitCode.OK);
    assertThat(sent()).isEqualTo(one + " refs/widemesh/upload");
    for (var none : new String[] {"nothing", "--all", "HEAD:index.html"}) {
      assertThat(shell.mesh("deploy", "--commit=" + none).err())
          .contains("there is no commit '" + none + "' here");
    }
    assertThat(shell.mesh("deploy", ".", "--commit", one).code()).isEqualTo(ExitCode.USAGE);
    assertThat(shell.mesh("deploy", "--image", "x", "--commit", one).code())
        .isEqualTo(ExitCode.USAGE);
  }

  private String commit(String text) throws Exception {
    Files.writeString(shell.directory.resolve("index.html"), text);
    shell.program("git", "add", "-A");
    shell.program("git", "config", "user.name", "Ada");
    shell.program("git", "config", "user.email", "ada@example.org");
    shell.program("git", "commit", "-q", "-m", text);
    return shell.program("git", "rev-parse", "HEAD");
  }

  @Test
  void a_folder_or_a_server_that_is_not_there_is_named() throws IOException {
    assertThat(shell.mesh("deploy", "nowhere").err()).contains("there is no folder");

    Files.move(server, root.resolve("away.git"));
    var result = shell.mesh("deploy");

    assertThat(result.code()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(result.err())
        .contains("nothing can be sent to " + server, "git ls-remote " + server);
  }
}
