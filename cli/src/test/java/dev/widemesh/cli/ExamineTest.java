package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import dev.widemesh.api.Views.Checkup;
import dev.widemesh.api.Views.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ExamineTest {
  private static final Finding FINDING =
      new Finding("rack local", "environment shop has no network", "look again in a minute");
  private static final Finding ADVICE = new Finding("rack local", "no live-restore", "set it");

  @TempDir Path root;
  private FakeController controller;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    controller = new FakeController();
    shell = new Shell(root).signedInAt(controller);
  }

  @AfterEach
  void stop() {
    controller.close();
  }

  @Test
  void findings_are_a_line_each_with_what_to_do_and_end_in_1() {
    controller.answers("GET /v1/doctor", new Checkup(List.of(FINDING), List.of(), Map.of()));

    var found = shell.mesh("doctor", "--invariants");

    assertThat(found.code()).isEqualTo(ExitCode.FOUND);
    assertThat(found.code().value()).isEqualTo(1);
    assertThat(found.out())
        .isEqualTo("rack local: environment shop has no network\n  try: look again in a minute\n");
    assertThat(found.err()).isEqualTo("1 finding\n");
    assertThat(controller.last().target()).isEqualTo("/v1/doctor?invariants=true");
  }

  @Test
  void advice_alone_is_not_wrong() {
    controller.answers(
        "GET /v1/doctor", new Checkup(List.of(), List.of(ADVICE), Map.of("refs", 2)));

    var found = shell.mesh("doctor");

    assertThat(found.code()).isEqualTo(ExitCode.OK);
    assertThat(found.out())
        .isEqualTo(
            "rack local: no live-restore\n  try: set it\nNothing is wrong (compared: 2 refs).\n");
    assertThat(controller.last().target()).isEqualTo("/v1/doctor");
  }

  @Test
  void programs_get_json_and_the_same_exit_code() {
    controller.answers("GET /v1/doctor", new Checkup(List.of(FINDING), List.of(), Map.of()));

    var found = shell.mesh("doctor", "--json");

    assertThat(found.code()).isEqualTo(ExitCode.FOUND);
    assertThat(Json.read(found.out(), Checkup.class).findings()).containsExactly(FINDING);
  }
}
