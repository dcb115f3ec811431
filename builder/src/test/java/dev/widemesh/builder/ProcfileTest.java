package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.widemesh.builder.lifecycle.BuildRefused;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-4")
class ProcfileTest {
  @Test
  void each_line_is_a_type_and_a_command_and_release_is_apart() throws Exception {
    var procfile =
        Procfile.parse("# services\r\nweb: node app.js --x=$PORT\n\nworker:   run: it\nrelease: m");

    assertThat(procfile.commands())
        .containsEntry("web", "node app.js --x=$PORT")
        .containsEntry("worker", "run: it")
        .hasSize(2);
    assertThat(procfile.release()).hasValue("m");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "just words|Procfile line 2 is not '<type>: <command>'",
        "web:|Procfile line 2 is not '<type>: <command>'",
        "first: again|Procfile line 2 names 'first' a second time"
      })
  void a_bad_line_is_refused_with_its_number(String line, String summary) {
    var refused = refused("first: x\n" + line);

    assertThat(refused.diagnosis().summary()).isEqualTo(summary);
    assertThat(refused.diagnosis().evidence()).containsExactly(line);
  }

  @Test
  void a_type_that_cannot_be_a_service_gets_a_better_name() {
    var refused = refused("Back_End: x");

    assertThat(refused.diagnosis().summary()).startsWith("Procfile line 1 names no service");
    assertThat(refused.diagnosis().nextStep()).isEqualTo("call it 'back-end'");
  }

  private static BuildRefused refused(String text) {
    return catchThrowableOfType(BuildRefused.class, () -> Procfile.parse(text));
  }
}
