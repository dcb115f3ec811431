package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
class PhaseEnvironmentTest {
  private static final PhaseEnvironment ENVIRONMENT =
      PhaseEnvironment.of(
          Map.of("PATH", "/bin", "SECRET_OF_THE_IMAGE", "x"),
          Map.of("HOME", "/home"),
          Map.of("BP_COLOUR", "blue", "HOME", "/elsewhere"),
          new Target("linux", "amd64", List.of(new Target.Distribution("debian", "13"))));

  @Test
  void little_of_the_image_and_what_the_user_set_but_never_instead_of_ours() {
    assertThat(ENVIRONMENT.copy(false))
        .containsEntry("PATH", "/bin")
        .containsEntry("HOME", "/home")
        .containsEntry("BP_COLOUR", "blue")
        .containsEntry("CNB_TARGET_DISTRO_NAME", "debian")
        .containsEntry("CNB_TARGET_DISTRO_VERSION", "13")
        .doesNotContainKey("SECRET_OF_THE_IMAGE");
  }

  @Test
  void a_clear_environment_has_nothing_of_the_user() {
    assertThat(ENVIRONMENT.copy(true))
        .containsEntry("PATH", "/bin")
        .containsEntry("HOME", "/home")
        .doesNotContainKey("BP_COLOUR");
  }
}
