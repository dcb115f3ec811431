package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.model.Strain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class CreatorOutputTest {
  @Test
  void phases_are_steps_and_the_rest_is_passed_on() {
    var said = new ArrayList<Draft>();
    var output = new CreatorOutput(new Transcript(said::add));

    output.accept("===> DETECTING");
    output.accept("acme/words 1");
    output.accept("Warning: Platform requested experimental feature 'export to OCI layout format'");
    output.accept("Using app image: /layout/images.invalid/app/now");
    output.accept("===> REBASING");

    assertThat(said)
        .containsExactly(
            Draft.step("Looking for buildpacks that recognise the app"),
            Draft.detail("acme/words 1"),
            Draft.step("REBASING"));
  }

  @ParameterizedTest
  @CsvSource({
    "20, no buildpack of the builder acme/b recognises this app, set-builder",
    "21, some broke off, set-builder",
    "11, does not speak our platform API, set-builder",
    "12, does not know its buildpacks' API, set-builder",
    "51, could not build this app, read the last lines",
    "62, failed when it made the image (exit code 62), read the last lines",
    "32, failed when it looked at its run image, read the last lines",
    "42, failed when it took over what was kept, read the last lines",
    "127, has no /cnb/lifecycle/creator, set-builder",
    "1, failed before it began (exit code 1), read the last lines"
  })
  void an_exit_code_is_told_in_words(int code, String summary, String nextStep) {
    var diagnosis = failure(code, Strain.NONE).diagnosis();

    assertThat(diagnosis.summary()).contains("acme/b").contains(summary);
    assertThat(diagnosis.nextStep()).contains(nextStep);
    assertThat(diagnosis.evidence()).containsExactly("the last line");
  }

  @Test
  void what_ran_out_counts_more_than_the_code() {
    var strained = failure(51, new Strain(1, 0));

    assertThat(strained.diagnosis().summary()).contains("ran out of memory");
  }

  private static CreatorFailure failure(int code, Strain strain) {
    var failure =
        new FailureReader.Failure(
            "acme/b",
            code,
            List.of("the last line"),
            List.of(),
            strain,
            new DiskSpace(Path.of("/"), 1, 99));
    return new CreatorFailure("acme/b", failure, BuildLimits.USUAL);
  }
}
