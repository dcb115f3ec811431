package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class BuilderImageTest {
  private static final Map<String, String> USER =
      Map.of("CNB_USER_ID", "1001", "CNB_GROUP_ID", "1000");

  private static BuilderImage of(String label, Map<String, String> env) throws BuildRefused {
    return BuilderImage.of(
        "acme/builder", "sha256:1", Map.of("io.buildpacks.builder.metadata", label), env);
  }

  private static String label(String images, String platforms) {
    return """
        {"images": %s, "stack": {"runImage": {"image": "acme/old"}},
         "lifecycle": {"version": "0.20.1", "api": {"platform": "0.3"},
                       "apis": {"platform": {"supported": %s}}}}
        """
        .formatted(images, platforms);
  }

  private static void refused(String label, Map<String, String> env, String why) {
    assertThatThrownBy(() -> of(label, env))
        .isInstanceOfSatisfying(
            BuildRefused.class,
            e -> {
              assertThat(e).hasMessageContaining(why);
              assertThat(e.diagnosis().nextStep()).contains("mesh stack set-builder");
            });
  }

  @Test
  void it_says_what_apps_stand_on_and_how_its_lifecycle_is_spoken_to() throws Exception {
    var several = of(label("[{\"image\": \"acme/run:1\"}]", "[\"0.12\", \"0.13\", \"9.1\"]"), USER);
    assertThat(several.runImages()).containsExactly("acme/run:1");
    assertThat(several.platform()).isEqualTo("0.13");

    var old = of(label("[]", "[\"0.12\"]"), USER);
    assertThat(old.runImages()).containsExactly("acme/old");
    assertThat(old.platform()).isEqualTo("0.12");
  }

  @Test
  void mirrors_of_the_run_image_come_after_it_and_not_without_end() throws Exception {
    var run =
        """
        [{"image": "acme/run:1", "mirrors": ["a.example/run:1", "-v /:/x", "acme/run:1",
          "b.example/run:1", "c.example/run:1", "d.example/run:1", "e.example/run:1",
          "f.example/run:1"]}, {"image": "acme/other", "mirrors": ["g.example/other"]}]
        """;
    assertThat(of(label(run, "[\"0.12\"]"), USER).runImages())
        .containsExactly(
            "acme/run:1",
            "a.example/run:1",
            "b.example/run:1",
            "c.example/run:1",
            "d.example/run:1",
            "e.example/run:1");
  }

  @Test
  void what_is_no_builder_for_here_is_told_with_what_to_do() {
    refused("", USER, "is no builder");
    refused("[]", USER, "is no builder");
    refused("{", USER, "is no builder");
    refused(label("[]", "[\"0.11\"]"), USER, "0.20.1 of the builder acme/builder speaks none");
    refused(label("[{\"image\": \"-v /:/host\"}]", "[\"0.12\"]"), USER, "names no run image");
    refused(label("[]", "[\"0.12\"]"), Map.of("CNB_USER_ID", "1001"), "CNB_GROUP_ID");
    refused(
        label("[]", "[\"0.12\"]"), Map.of("CNB_USER_ID", "0", "CNB_GROUP_ID", "1"), "CNB_USER_ID");
  }
}
