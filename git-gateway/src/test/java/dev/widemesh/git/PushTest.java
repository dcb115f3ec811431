package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PushTest {
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

  private Ran push(String... more) {
    var arguments = new ArrayList<>(List.of("push", house.url()));
    arguments.addAll(List.of(more));
    return house.git(arguments.toArray(String[]::new));
  }

  @Test
  @Tag("DEP-1")
  @Tag("DEP-2")
  void a_push_shows_the_deployment_and_moves_the_branch_when_it_is_live() throws IOException {
    var commit = house.commit("app.txt", "one");

    var pushed = push("main");

    assertThat(pushed.status()).as(pushed.output()).isZero();
    assertThat(pushed.output())
        .contains("remote: -----> v1 accepted; it goes on if you disconnect")
        .contains("remote: -----> the end is live")
        .contains("[new branch]      main -> main");
    assertThat(house.branch("main")).isEqualTo(commit);
    assertThat(house.controller.push(0).author()).isEqualTo("Ann");
    assertThat(house.controller.push(0).message()).isEqualTo("change app.txt");
    assertThat(house.refs())
        .contains(commit + " refs/widemesh/deployments/" + house.controller.push(0).id());
    assertThat(house.quarantine()).isEmpty();
    house.serverGit("fsck", "--full").ok();
  }

  @Test
  @Tag("DEP-2")
  void a_failed_deployment_fails_the_push_and_leaves_the_branch() throws Exception {
    var first = house.commit("app.txt", "one");
    push("main").ok();
    house.commit("app.txt", "two");
    house.controller.ends(Optional.of("failed"));

    var pushed = push("main");

    assertThat(pushed.status()).isEqualTo(1);
    assertThat(pushed.output())
        .contains("! [remote rejected] main -> main (web crashed with exit code 3)");
    assertThat(house.branch("main")).isEqualTo(first);
    assertThat(house.quarantine()).isEmpty();
    var failed = house.controller.push(1).id();
    House.await(
        "hidden ref is gone", () -> house.refs().stream().noneMatch(r -> r.contains(failed)));

    house.controller.ends(Optional.of("live"));
    push("main").ok();
    assertThat(house.branch("main")).isEqualTo(house.head());
  }

  @Test
  @Tag("DEP-5")
  void the_branch_may_move_on_to_what_a_push_was_built_on_while_it_is_sent() throws IOException {
    house.commit("app.txt", "one");
    push("main").ok();
    house.commit("app.txt", "two");
    house.git("branch", "two").ok();
    house.commit("app.txt", "three");
    // Runs after git was told where the branch is, and before it sends.
    house.hook("pre-push", "exec git push --no-verify " + house.url() + " two:main");

    push("main").ok();

    assertThat(house.controller.pushes()).hasSize(3);
    assertThat(house.branch("main")).isEqualTo(house.head());
  }

  @Test
  @Tag("DEP-5")
  void a_push_that_lacks_what_the_branch_moved_to_while_it_is_sent_is_refused() throws IOException {
    var base = house.commit("app.txt", "one");
    push("main").ok();
    var other = house.commit("app.txt", "two");
    house.git("branch", "two").ok();
    house.git("reset", "-q", "--hard", base).ok();
    house.commit("app.txt", "three");
    house.hook("pre-push", "exec git push --no-verify " + house.url() + " two:main");

    var pushed = push("main");

    assertThat(pushed.status()).isEqualTo(1);
    assertThat(pushed.output()).contains("meanwhile: fetch, and push again");
    assertThat(house.branch("main")).isEqualTo(other);
    assertThat(house.quarantine()).isEmpty();
  }

  @Test
  @Tag("DEP-3")
  void another_branch_and_a_tag_are_kept_and_do_not_deploy() {
    house.commit("app.txt", "one");
    push("main").ok();
    house.git("tag", "v1.0").ok();

    var pushed = push("main:feature", "v1.0");

    assertThat(pushed.status()).as(pushed.output()).isZero();
    assertThat(pushed.output()).contains("feature is kept but not deployed; only main deploys");
    assertThat(house.branch("feature")).isEqualTo(house.head());
    assertThat(house.controller.pushes()).hasSize(1);
    push(":feature").ok();
    assertThat(house.branch("feature")).isEqualTo("none");
  }

  @Test
  @Tag("DEP-3")
  void without_a_main_master_deploys() throws IOException {
    house.commit("app.txt", "one");
    push("main:master").ok();
    house.restart();
    house.commit("app.txt", "two");
    push("main:master").ok();

    assertThat(house.controller.pushes()).hasSize(2);
    assertThat(house.branch("master")).isEqualTo(house.head());
    assertThat(house.branch("main")).isEqualTo("none");
    var clone = house.gitIn(folder, "clone", "-q", house.url(), "copy");
    assertThat(clone.output()).isEmpty();
    assertThat(folder.resolve("copy/app.txt")).hasContent("two");
  }

  @Test
  @Tag("DEP-3")
  void with_a_main_master_is_a_branch_like_any_other() {
    house.commit("app.txt", "one");
    push("main", "main:master").ok();
    house.commit("app.txt", "two");
    push("main").ok();

    assertThat(house.controller.pushes()).hasSize(2);
    assertThat(house.branch("main")).isEqualTo(house.head());
    assertThat(house.branch("master")).isEqualTo(house.controller.push(0).newCommit());
  }

  @Test
  @Tag("DEP-3")
  void a_rewritten_history_needs_force_and_the_controller_learns_of_it() {
    house.commit("app.txt", "one");
    push("main").ok();
    house.git("commit", "-q", "--amend", "-m", "rewritten").ok();

    assertThat(push("main").output()).contains("non-fast-forward");
    push("--force", "main").ok();

    assertThat(house.controller.push(1).forced()).isTrue();
    assertThat(house.controller.push(0).forced()).isFalse();
    assertThat(house.branch("main")).isEqualTo(house.head());
  }

  @Test
  @Tag("DEP-3")
  void a_shallow_clone_can_push_and_be_cloned() throws IOException {
    house.commit("app.txt", "one");
    house.commit("app.txt", "two");
    house.commit("app.txt", "three");
    var shallow = folder.resolve("shallow");
    house
        .gitIn(folder, "clone", "-q", "--depth", "1", "file://" + house.work, shallow.toString())
        .ok();

    var pushed = house.gitIn(shallow, "push", house.url(), "main");

    assertThat(pushed.status()).as(pushed.output()).isZero();
    assertThat(house.repository().resolve("shallow")).exists();
    house.serverGit("fsck", "--full").ok();
    House.write(shallow.resolve("app.txt"), "four");
    house.gitIn(shallow, "commit", "-q", "-am", "four").ok();
    house.gitIn(shallow, "push", house.url(), "main").ok();
    house.gitIn(folder, "clone", "-q", house.url(), "copy").ok();
    assertThat(folder.resolve("copy/app.txt")).hasContent("four");
    assertThat(Files.readAllLines(folder.resolve("copy/.git/shallow"))).hasSize(1);
  }

  @Test
  void the_branch_that_deploys_cannot_be_deleted_and_hidden_refs_cannot_be_written() {
    house.commit("app.txt", "one");
    push("main").ok();

    assertThat(push(":main").output()).contains("the branch that deploys cannot be deleted");
    assertThat(push("main:refs/widemesh/deployments/x").output())
        .contains("only branches and tags are kept here");
    assertThat(house.git("ls-remote", house.url()).ok().output())
        .contains("refs/heads/main")
        .doesNotContain("widemesh");
  }

  @Test
  void a_name_that_is_too_long_for_a_file_is_refused_before_the_disk_refuses_it() {
    house.commit("app.txt", "one");
    push("main").ok();

    push("main:refs/heads/" + "x".repeat(239)).ok();
    var pushed = push("main:refs/heads/" + "y".repeat(240));

    assertThat(pushed.status()).isEqualTo(1);
    assertThat(pushed.output())
        .contains("the name is too long: at most 250 bytes")
        .doesNotContain(house.data().toString());
  }

  @Test
  @Tag("DEP-5")
  void a_push_that_a_newer_one_overtakes_is_told() throws Exception {
    house.commit("app.txt", "one");
    house.controller.ends(Optional.empty());
    var output = folder.resolve("first.out");
    var first = house.startGit(output, "push", house.url(), "main");
    var overtaken = house.controller.push(0);
    house.commit("app.txt", "two");
    var second = house.startGit(folder.resolve("second.out"), "push", house.url(), "main");
    var newer = house.controller.push(1);

    house.controller.finish(overtaken, "superseded");
    house.controller.finish(newer, "live");

    assertThat(first.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(first.exitValue()).isEqualTo(1);
    assertThat(output).content().contains("v1 was superseded by a newer push");
    assertThat(second.exitValue()).isZero();
    assertThat(house.branch("main")).isEqualTo(house.head());
  }

  @Test
  @Tag("DEP-13")
  void a_restart_ends_the_view_and_projects_what_became_live_meanwhile() throws Exception {
    var commit = house.commit("app.txt", "one");
    house.controller.ends(Optional.empty());
    var output = folder.resolve("out");
    var client = house.startGit(output, "push", house.url(), "main");
    house.controller.awaitFollower();
    house.stop();
    assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(client.exitValue()).isEqualTo(1);
    assertThat(output).content().contains("outcome unknown: mesh deployments show v1");

    house.controller.finish(house.controller.push(0), "live");
    Files.writeString(house.repository().resolve("refs/heads/main.lock"), "");
    Files.createDirectories(house.data().resolve("quarantine/left/objects"));
    house.restart();

    House.await("the branch moves", () -> house.branch("main").equals(commit));
    assertThat(house.quarantine()).isEmpty();
  }

  @Test
  void the_repository_of_a_deleted_stack_goes() throws Exception {
    house.commit("app.txt", "one");
    push("main").ok();

    house.controller.removeStack("shop/web");

    House.await("the repository goes", () -> !Files.exists(house.repository()));
    assertThat(openFiles()).noneMatch(file -> file.contains(House.STACK));
  }

  @Test
  void branches_with_odd_names_survive_the_sweep_at_the_start() throws IOException {
    house.commit("app.txt", "one");
    push("main", "main:gc_x", "main:incoming_x", "main:release.pack").ok();
    house.restart();

    assertThat(house.git("ls-remote", house.url()).ok().output())
        .contains("refs/heads/gc_x", "refs/heads/incoming_x", "refs/heads/release.pack");
  }

  @Test
  void what_was_deployed_survives_garbage_collection() throws IOException {
    house.commit("app.txt", "one");
    push("main").ok();
    house.commit("app.txt", "two");
    push("main").ok();
    var repositories = Repositories.open(house.data());

    NightlyGc.collect(repositories.find(House.STACK).orElseThrow(), Duration.ofMillis(0));

    house.serverGit("fsck", "--full").ok();
    house.gitIn(folder, "clone", "-q", house.url(), "copy").ok();
    assertThat(folder.resolve("copy/app.txt")).hasContent("two");
  }

  private static List<String> openFiles() throws IOException {
    var targets = new ArrayList<String>();
    for (var descriptor : Disk.list(Path.of("/proc/self/fd"))) {
      try {
        targets.add(Files.readSymbolicLink(descriptor).toString());
      } catch (NoSuchFileException _) {
        // closed since it was listed
      }
    }
    return targets;
  }
}
