package dev.widemesh.cli;

import static dev.widemesh.api.OutputLine.Kind.DETAIL;
import static dev.widemesh.api.OutputLine.Kind.REFUSAL;
import static dev.widemesh.api.OutputLine.Kind.STEP;
import static dev.widemesh.cli.Samples.deployment;
import static dev.widemesh.cli.Samples.line;
import static dev.widemesh.cli.Samples.outcome;
import static dev.widemesh.cli.Samples.stream;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Cause;
import dev.widemesh.api.DeploymentEvent;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Views;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FollowTest {
  private static final String V4 = Samples.STACK + "/deployments/4";
  private static final String OUTPUT = "GET " + V4 + "/output";

  @TempDir Path root;
  private FakeController controller;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    controller = new FakeController();
    shell = new Shell(root).signedInAt(controller).in("shop", "web");
    controller.answers("POST " + Samples.STACK + "/rollback", deployment(4, "queued"));
  }

  @AfterEach
  void stop() {
    controller.close();
  }

  private void ends(DeploymentView end, ExitCode code, String words) {
    controller.answers(OUTPUT, stream(outcome(end)));
    var result = shell.mesh("rollback", "v2");
    assertThat(result.code()).isEqualTo(code);
    assertThat(result.out() + result.err()).contains(words);
  }

  @Test
  void the_lines_are_those_of_git_push_and_a_live_deployment_is_a_success() {
    controller.answers(
        OUTPUT,
        stream(
            line(1, STEP, "Java app detected (pom.xml)"),
            new DeploymentEvent.Beat(),
            line(2, DETAIL, "Compiling 214 files"),
            line(3, REFUSAL, "odd"),
            outcome(deployment(4, "live"))));

    var result = shell.mesh("rollback");

    assertThat(result.code()).isEqualTo(ExitCode.OK);
    assertThat(result.out())
        .isEqualTo(
            """
            -----> Java app detected (pom.xml)
                   Compiling 214 files
             !     odd
            """);
    assertThat(controller.last().target()).isEqualTo(V4 + "/output?follow=true&after=0");
  }

  @Test
  void a_broken_connection_is_taken_up_again_and_no_line_shows_twice() {
    controller
        .answers(OUTPUT, stream(line(1, STEP, "one")))
        .answers(
            OUTPUT,
            stream(line(1, STEP, "one"), line(2, STEP, "two"), outcome(deployment(4, "live"))));

    var result = shell.mesh("rollback");

    assertThat(result.code()).isEqualTo(ExitCode.OK);
    assertThat(result.out()).containsOnlyOnce("one").containsOnlyOnce("two");
    assertThat(result.err()).contains("Connection lost");
  }

  @Test
  void a_failed_roll_out_says_why() {
    var cause =
        new Cause(
            "bound-to-loopback", "web listens on 127.0.0.1", List.of(), "bind to 0.0.0.0 instead");
    ends(
        Samples.failing(4, "failed", cause, "building", "preparing"),
        ExitCode.ROLLOUT_FAILED,
        "mesh: v4 failed: web listens on 127.0.0.1\n  try: bind to 0.0.0.0 instead\n");
  }

  @Test
  void a_failed_build_has_its_own_exit_code() {
    var cause = new Cause("timed-out", "building took longer", List.of(), "make it quicker");
    ends(
        Samples.failing(4, "failed", cause, "queued", "building"),
        ExitCode.BUILD_FAILED,
        "building took longer");
  }

  @Test
  void a_superseded_one_has_its_own_exit_code() {
    ends(deployment(4, "superseded"), ExitCode.SUPERSEDED, "overtook v4");
  }

  @Test
  void a_cancelled_one_has_its_own_exit_code() {
    ends(deployment(4, "cancelled"), ExitCode.CANCELLED, "v4 was cancelled");
  }

  @Test
  void detached_commands_return_at_once() {
    var result = shell.mesh("rollback", "v2", "--detach");

    assertThat(result.code()).isEqualTo(ExitCode.OK);
    assertThat(result.err()).contains("mesh deployments show v4 --follow");
    assertThat(controller.requests).hasSize(1);
    assertThat(controller.last().body()).isEqualTo("{\"version\":2}");
  }

  @Test
  void a_change_of_configuration_follows_its_deployment() {
    controller.answers(
        "PATCH " + Samples.STACK + "/config",
        new Views.ConfigChanged(8, 1, deployment(4, "queued")));
    controller.answers(OUTPUT, stream(line(1, STEP, "Live: v4"), outcome(deployment(4, "live"))));

    assertThat(shell.mesh("config", "set", "A=1").out())
        .isEqualTo(
            """
            Changed 1 value (configuration 8).
            -----> Live: v4
            """);
  }

  @Test
  @Tag("DEP-7")
  void a_recorded_deployment_is_shown_with_cause_author_commit_phases_and_output() {
    controller.answers("GET " + V4, deployment(4, "live", "building", "preparing"));
    controller.answers(OUTPUT, stream(line(1, STEP, "built"), outcome(deployment(4, "live"))));

    assertThat(shell.mesh("deployments", "show", "v4").out())
        .contains("v4 of shop/web", "push", "Ada", "01234567 Sell more", "building 1.2s")
        .contains("-----> built");
  }

  @Test
  @Tag("DEP-7")
  void deployments_are_listed_and_the_newest_is_shown_without_a_version() {
    controller.answers(
        "GET " + Samples.STACK + "/deployments",
        List.of(deployment(4, "live"), deployment(3, "failed")));
    controller.answers(OUTPUT, "");

    assertThat(shell.mesh("deployments", "ls").out()).contains("v4", "live", "v3", "failed", "Ada");
    assertThat(shell.mesh("deployments", "show").out()).contains("v4 of shop/web");
  }

  @Test
  void a_version_that_is_none_is_refused() {
    assertThat(shell.mesh("deployments", "cancel", "latest").err())
        .contains("'latest' is not a version like v3");
  }
}
