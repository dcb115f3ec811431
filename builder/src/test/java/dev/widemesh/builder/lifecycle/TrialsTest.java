package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.BuildPlan.Requirement;
import dev.widemesh.builder.lifecycle.Trials.Candidate;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tomlj.Toml;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
class TrialsTest {
  /// A member is written `id`, `?` when optional, then alternatives of `+provided` and `-required`
  /// names, separated by `/`.
  @ParameterizedTest(name = "{0} => {1}")
  @CsvSource({
    "a +x -x,                          a",
    "a +x;b -x,                        a b",
    "a -x;b +x,                        none",
    "a +x,                             none",
    "a;b? +x,                          a",
    "a;b? -x,                          a",
    "a? +x;b? -x;c,                    a b c",
    "a? +x;b? -x -y;c,                 c",
    "a +x/+y;b -y,                     a b",
    "a? +x/+y;b -y,                    a b",
    "a +x;b +x;c -x,                   a b c",
    "a +x;b -x;c +x,                   none",
    "a? +x,                            none",
  })
  void alternatives_are_tried_until_everything_fits(String group, String expected)
      throws BuildRefused {
    var chosen =
        new Trials()
            .select(candidates(group))
            .map(s -> String.join(" ", s.buildpacks().stream().map(Buildpack::id).toList()));

    assertThat(chosen.orElse("none")).isEqualTo(expected);
  }

  @Test
  @Timeout(20)
  void plans_with_too_many_combinations_are_refused() {
    var plan = "+a" + "/+a".repeat(999);

    assertThatThrownBy(
            () -> new Trials().select(candidates("a %1$s;b %1$s;c %1$s".formatted(plan))))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining("more than 20,000 combinations");
  }

  @Test
  void every_provider_so_far_gets_the_requirement_until_one_meets_it() throws BuildRefused {
    var selection = new Trials().select(candidates("a +x;b +x;c -x")).orElseThrow();
    var a = selection.buildpacks().getFirst();
    var b = selection.buildpacks().get(1);

    assertThat(selection.planFor(a)).extracting(Requirement::name).containsExactly("x");
    assertThat(selection.metBy(a, List.of()).planFor(b)).isEmpty();
    assertThat(selection.metBy(a, List.of("x")).planFor(b))
        .extracting(Requirement::name)
        .containsExactly("x");
  }

  @Test
  void whatever_is_selected_has_all_requirements_met_and_all_provisions_used() throws BuildRefused {
    var random = new Random(42);
    for (var round = 0; round < 5_000; round++) {
      var group = randomGroup(random);
      new Trials()
          .select(candidates(group))
          .ifPresent(
              selection -> {
                assertThat(group).isNotEmpty();
                assertThat(selection.buildpacks()).isNotEmpty();
                assertThat(selection.entries())
                    .allSatisfy(e -> assertThat(e.providers()).isNotEmpty());
              });
    }
  }

  private static String randomGroup(Random random) {
    var members =
        IntStream.range(0, 1 + random.nextInt(5))
            .mapToObj(
                i ->
                    "m"
                        + i
                        + (random.nextBoolean() ? "?" : "")
                        + (random.nextBoolean() ? " +" + "xyz".charAt(random.nextInt(3)) : "")
                        + (random.nextBoolean() ? " -" + "xyz".charAt(random.nextInt(3)) : ""))
            .toList();
    return String.join(";", members);
  }

  private static List<Candidate> candidates(String group) {
    return Stream.of(group.split(";", -1)).map(TrialsTest::candidate).toList();
  }

  private static Candidate candidate(String text) {
    var space = text.indexOf(' ');
    var id = space < 0 ? text : text.substring(0, space);
    var alternatives = space < 0 ? new String[] {""} : text.substring(space + 1).split("/", -1);
    var toml = new StringBuilder();
    for (var i = 0; i < alternatives.length; i++) {
      toml.append(i > 0 ? "[[or]]\n" : "");
      for (var word : alternatives[i].strip().split(" ", -1)) {
        if (!word.isEmpty()) {
          toml.append(i > 0 ? "[[or." : "[[")
              .append(word.charAt(0) == '+' ? "provides]]\n" : "requires]]\n")
              .append("name = \"" + word.substring(1) + "\"\n");
        }
      }
    }
    var name = id.replace("?", "");
    var buildpack = OrderExpansionTest.buildpack(name, List.of());
    return new Candidate(buildpack, id.endsWith("?"), BuildPlan.parse(Toml.parse("" + toml)));
  }
}
