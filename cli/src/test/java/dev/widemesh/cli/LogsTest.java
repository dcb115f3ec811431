package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import dev.widemesh.api.Views.LogLine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("LOG-1")
class LogsTest {
  private static final String CALL = "GET /v1/environments/shop/logs";

  @TempDir Path root;
  private FakeController controller;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    controller = new FakeController();
    shell = new Shell(root).signedInAt(controller).in("shop", "web");
  }

  @AfterEach
  void stop() {
    controller.close();
  }

  private static String line(int second, String text) {
    var at = Instant.parse("2026-01-02T03:04:00Z").plusSeconds(second);
    return Json.write(new LogLine(at, "instances", "web", "web", "web.1", text)) + "\n";
  }

  @Test
  void the_last_minute_of_the_whole_environment_by_default() {
    controller.answers(CALL, line(1, "hello") + "\n" + line(2, "again"));

    var result = shell.mesh("logs", "--no-follow");

    assertThat(result.out()).contains("web/web.1 | hello\n", "web/web.1 | again\n");
    assertThat(controller.last().target()).endsWith("/logs?since=60&follow=false");
  }

  @Test
  void an_app_does_not_steer_the_terminal_with_letters_beyond_ascii_either() {
    controller.answers(CALL, line(1, "a\u009b2Jb") + line(2, "c\u202ed"));

    var result = shell.mesh("logs", "--no-follow");

    assertThat(result.out()).contains("| a2Jb\n", "| cd\n");
  }

  @Test
  void filters_go_to_the_controller() {
    controller.answers(CALL, "");

    shell.mesh(
        "logs", "--no-follow", "--since", "1h", "-s", "web", "--service", "w", "--instance", "w.1");

    assertThat(controller.last().target())
        .endsWith("?since=3600&follow=false&stack=web&service=w&instance=w.1");
  }

  @Test
  void json_is_one_object_a_line() {
    controller.answers(CALL, line(1, "hello"));

    assertThat(shell.mesh("logs", "--no-follow", "--json").out()).isEqualTo(line(1, "hello"));
  }

  @Test
  void an_app_cannot_steer_the_terminal() {
    controller.answers(CALL, line(1, "a\u001b[2Jb\u001b]0;title\u0007c\u001b[31mred"));

    assertThat(shell.mesh("logs", "--no-follow").out()).endsWith("| ab]0;titlecred\n");
    shell.colours = true;
    assertThat(shell.mesh("logs", "--no-follow").out())
        .endsWith("a[2Jb]0;titlec\u001b[31mred\u001b[0m\n");
  }
}
