package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.GitWire;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `mesh deploy` of a folder sends.
@DisplayNameGeneration(ReplaceUnderscores.class)
class UploadTest {
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

  private Ran upload() {
    return house.git("push", house.url(), "HEAD:" + GitWire.UPLOAD);
  }

  private String hidden(int push) {
    return "refs/widemesh/uploads/" + house.controller.push(push).id();
  }

  @Test
  @Tag("DEP-6")
  void a_folder_is_taken_at_once_and_kept_where_no_client_sees_it() throws IOException {
    house.controller.ends(Optional.empty());
    var commit = house.commit("app.txt", "one");

    upload().ok();

    assertThat(house.controller.push(0).upload()).isTrue();
    assertThat(house.controller.push(0).forced()).isTrue();
    assertThat(house.refs()).containsExactly(commit + " " + hidden(0));
    assertThat(house.git("ls-remote", house.url()).ok().output()).isEmpty();
    assertThat(house.quarantine()).isEmpty();
  }

  @Test
  @Tag("DEP-6")
  void the_branch_stays_and_a_later_push_goes_on_from_it() throws IOException {
    var one = house.commit("app.txt", "one");
    house.git("push", house.url(), "main").ok();
    var tree = house.git("rev-parse", "HEAD^{tree}").ok().output().strip();
    var stray = house.git("commit-tree", tree, "-m", "a folder").ok().output().strip();

    house.git("push", house.url(), stray + ":" + GitWire.UPLOAD).ok();
    assertThat(house.branch("main")).isEqualTo(one);

    var two = house.commit("app.txt", "two");
    house.git("push", house.url(), "main").ok();
    assertThat(house.branch("main")).isEqualTo(two);
    assertThat(house.refs()).contains(stray + " " + hidden(1));
  }

  @Test
  @Tag("STK-7")
  void an_option_names_the_root_and_nothing_else_is_understood() throws IOException {
    house.commit("app.txt", "one");

    house.git("push", "-o", "root=./services/api/", house.url(), "main").ok();
    assertThat(house.controller.push(0).choices().root()).isEqualTo("services/api");
    upload().ok();
    assertThat(house.controller.push(1).choices()).isEqualTo(GitWire.Choices.NONE);

    house.commit("app.txt", "more");
    house.git("push", "-o", "formula=dockerfile", "-o", "dockerfile=a/b", house.url(), "main").ok();
    assertThat(house.controller.push(2).choices())
        .isEqualTo(new GitWire.Choices(null, "dockerfile", "a/b"));

    house.commit("app.txt", "packs");
    house.git("push", "-o", "buildpack=./b", "-o", "buildpack=x/a", house.url(), "main").ok();
    assertThat(house.controller.push(3).choices())
        .isEqualTo(new GitWire.Choices(null, "buildpack", null, null, List.of("./b", "x/a")));

    house.commit("app.txt", "two");
    assertThat(
            house
                .git("push", "-o", "buildpack=./b", "-o", "dockerfile=a", house.url(), "main")
                .output())
        .contains("a build with a Dockerfile asks no buildpack");
    assertThat(house.git("push", "-o", "buildpack=http://x", house.url(), "main").output())
        .contains("'http://x' is neither https nor git+https");
    assertThat(house.git("push", "-o", "formula=magic", house.url(), "main").output())
        .contains("there is no formula 'magic'");
    assertThat(house.git("push", "-o", "ci.skip", house.url(), "main").output())
        .contains("there is no push option 'ci.skip'", "git push -o root=services/api");
    assertThat(house.git("push", "-o", "root=../x", house.url(), "main").output())
        .contains("'../x' is not a path from the top of the repository");
    assertThat(house.controller.pushes()).hasSize(4);
  }

  @Test
  @Tag("BLD-5")
  void an_option_names_the_stage_of_a_dockerfile() throws IOException {
    house.commit("app.txt", "one");
    house.git("push", "-o", "target=Web", house.url(), "main").ok();
    assertThat(house.controller.push(0).choices())
        .isEqualTo(new GitWire.Choices(null, null, null, "web", null));
    house.commit("app.txt", "two");
    house.git("push", "-o", "target=", "-o", "formula=buildpack", house.url(), "main").ok();
    assertThat(house.controller.push(1).choices())
        .isEqualTo(new GitWire.Choices(null, "buildpack", null, "", null));

    house.commit("app.txt", "three");
    for (var other : new String[] {"formula=buildpack", "buildpack=./b"}) {
      assertThat(house.git("push", "-o", "target=web", "-o", other, house.url(), "main").output())
          .contains("a build with buildpacks has no stages");
    }
    assertThat(house.git("push", "-o", "target=a b", house.url(), "main").output())
        .contains("'a b' is neither the name of a stage nor its number");
    assertThat(house.controller.pushes()).hasSize(2);
  }

  @Test
  void a_folder_does_not_decide_which_branch_deploys() throws IOException {
    house.commit("app.txt", "one");
    upload().ok();

    house.git("push", house.url(), "main:master").ok();

    assertThat(house.controller.pushes()).hasSize(2);
    assertThat(house.branch("master")).isEqualTo(house.head());
  }

  @Test
  void a_folder_is_judged_like_any_push_and_comes_alone() throws IOException {
    house.commit("app.txt", "one");
    assertThat(
            house.git("push", "--atomic", house.url(), "main", "HEAD:" + GitWire.UPLOAD).output())
        .contains("a folder is deployed by itself");

    var blob = house.object("blob", "nothing");
    assertThat(house.git("push", house.url(), blob + ":" + GitWire.UPLOAD).output())
        .contains("only a commit can be deployed");
    assertThat(house.git("push", house.url(), "HEAD:" + GitWire.UPLOAD + "s/x").output())
        .contains("only branches and tags are kept here");

    house.restart(PushLimits.DEFAULT.with(1_000, 1_000_000L));
    house.commit("big.txt", "x".repeat(5_000));
    assertThat(upload().output()).contains("A file is larger than");
    assertThat(house.controller.pushes()).isEmpty();
    assertThat(house.refs()).isEmpty();
  }
}
