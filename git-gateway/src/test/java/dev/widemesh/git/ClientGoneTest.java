package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
class ClientGoneTest {
  private static final Pulse.Pace QUICK =
      new Pulse.Pace(Duration.ofMillis(300), Duration.ofMillis(1_500));

  @TempDir private Path folder;
  private House house;
  private String commit = "";

  @BeforeEach
  void start() throws IOException {
    house = new House(folder);
    house.controller.ends(Optional.empty());
    commit = house.commit("app.txt", "one");
  }

  @AfterEach
  void stop() {
    house.close();
  }

  private Process push() throws IOException {
    return house.startGit(folder.resolve("out"), "push", house.url(), "main");
  }

  @Test
  @Tag("DEP-4")
  void a_deployment_goes_on_when_its_client_is_killed() throws Exception {
    var client = push();
    house.controller.awaitFollower();
    client.descendants().forEach(ProcessHandle::destroyForcibly);
    client.destroyForcibly().waitFor();

    house.controller.finish(house.controller.push(0), "live");

    House.await("the branch moves", () -> house.branch("main").equals(commit));
    House.await("the quarantine is empty", this::isQuarantineEmpty);
  }

  @Test
  void a_client_that_is_silent_for_long_is_hung_up_on() throws Exception {
    house.restart(QUICK);
    var client = push();
    house.controller.awaitFollower();
    var frozen = client.descendants().toList();
    frozen.forEach(process -> signal("STOP", process));

    House.await("its session ends", this::isQuarantineEmpty);

    frozen.forEach(process -> signal("CONT", process));
    assertThat(client.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(client.exitValue()).isEqualTo(128);
    house.controller.finish(house.controller.push(0), "live");
    House.await("the branch moves", () -> house.branch("main").equals(commit));
  }

  @Test
  void a_client_that_answers_may_wait_in_silence() throws Exception {
    house.restart(QUICK);
    var client = push();
    house.controller.awaitFollower();

    assertThat(client.waitFor(4, TimeUnit.SECONDS)).isFalse();

    house.controller.finish(house.controller.push(0), "live");
    assertThat(client.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(client.exitValue()).isZero();
  }

  @Test
  @Tag("DEP-13")
  void a_view_that_breaks_is_taken_up_again_without_repeating() throws Exception {
    var client = push();
    var push = house.controller.push(0);
    house.controller.say(push, "first line");
    house.controller.awaitFollower();
    House.await("the line", () -> output().contains("first line"));

    house.controller.cutFollowers();
    house.controller.say(push, "second line");
    house.controller.finish(push, "live");

    assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(client.exitValue()).isZero();
    assertThat(output())
        .containsOnlyOnce("first line")
        .contains("The control plane does not answer; waiting for it")
        .containsOnlyOnce("second line");
  }

  private String output() {
    try {
      return java.nio.file.Files.readString(folder.resolve("out"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isQuarantineEmpty() {
    try {
      return house.quarantine().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void signal(String name, ProcessHandle process) {
    Ran.run(folder, Map.of(), List.of("kill", "-" + name, String.valueOf(process.pid()))).ok();
  }
}
