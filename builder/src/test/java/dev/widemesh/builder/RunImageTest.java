package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.dockerfile.OutsideImages.Pulled;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.Diagnosis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class RunImageTest {
  private static final RunImage RUN = new RunImage("acme/builder", List.of("a", "b", "c"));

  private final List<String> asked = new ArrayList<>();
  private final List<String> told = new ArrayList<>();

  /// Has what is called so, and nothing else.
  private RunImage.Registry having(String there) {
    return name -> {
      asked.add(name);
      if (!name.equals(there)) {
        throw BuildRefused.because("no " + name, "correct " + name);
      }
      return new Pulled(name, "sha256:1", name, Map.of(), Map.of());
    };
  }

  @Test
  void the_first_that_comes_is_taken_and_a_mirror_is_told() throws Exception {
    assertThat(RUN.pull(having("a"), () -> false, told::add).name()).isEqualTo("a");
    assertThat(told).isEmpty();

    assertThat(RUN.pull(having("b"), () -> false, told::add).name()).isEqualTo("b");
    assertThat(told).containsExactly("Run image from its mirror b");
    assertThat(asked).containsExactly("a", "a", "b");
  }

  @Test
  void where_none_comes_the_first_ones_reason_is_told() {
    assertThatThrownBy(() -> RUN.pull(having(""), () -> false, told::add))
        .hasMessage(
            "the run image of the builder acme/builder does not come: no a; nor do its 2 mirrors")
        .extracting(refused -> ((BuildRefused) refused).diagnosis().nextStep())
        .isEqualTo("correct a");
  }

  @Test
  void no_mirror_helps_a_full_disk() {
    var full = new BuildRefused(new Diagnosis.NoDisk("the server", List.of()));
    assertThatThrownBy(
            () ->
                RUN.pull(
                    name -> {
                      asked.add(name);
                      throw full;
                    },
                    () -> false,
                    told::add))
        .isSameAs(full);
    assertThat(asked).containsExactly("a");
  }

  @Test
  void nor_a_build_that_is_stopped() {
    assertThatThrownBy(() -> RUN.pull(having("b"), () -> true, told::add)).hasMessage("no a");
    assertThat(asked).containsExactly("a");
  }

  @Test
  void once_the_time_is_over_no_mirror_is_asked() {
    var late = new RunImage("acme/builder", RUN.names(), Duration.ZERO);

    assertThatThrownBy(() -> late.pull(having("b"), () -> false, told::add))
        .hasMessageEndingWith("no a; 2 mirrors were not asked any more, after so long");
    assertThat(asked).containsExactly("a");
  }
}
