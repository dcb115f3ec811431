package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class BuildMetadataTest {
  private static BuildMetadata of(String label) throws IOException {
    return BuildMetadata.of(Map.of("io.buildpacks.build.metadata", label));
  }

  private static BuildMetadata processes(String... types) throws IOException {
    var all = List.of(types).stream().map("{\"type\": \"%s\"}"::formatted).toList();
    return of("{\"processes\": [%s]}".formatted(String.join(", ", all)));
  }

  @Test
  void web_starts_the_app_else_what_the_image_starts_else_the_only_one() throws IOException {
    var preset = List.of("/cnb/process/clock");
    assertThat(processes("clock", "web").web(preset)).containsExactly("/cnb/process/web");
    assertThat(processes("clock", "task").web(preset)).containsExactly("/cnb/process/clock");
    assertThat(processes("task").web(List.of())).containsExactly("/cnb/process/task");
    assertThat(processes("task", "other").web(preset)).isEmpty();
    assertThat(processes().web(preset)).isEmpty();
  }

  @Test
  void buildpacks_are_told_with_their_versions() throws IOException {
    var about =
        of("{\"buildpacks\": [{\"id\": \"acme/a\", \"version\": \"1.2\"}, {\"id\": \"b\"}]}");

    assertThat(about.buildpacks())
        .containsExactly(new BuildMetadata.Used("acme/a", "1.2"), new BuildMetadata.Used("b", ""));
  }

  @Test
  void names_that_lead_elsewhere_are_no_processes_and_damage_is_told() throws IOException {
    assertThat(processes("../../bin/sh", "a b", "").processes()).isEmpty();
    assertThatThrownBy(() -> of("{")).hasMessageContaining("is no JSON");
    assertThatThrownBy(() -> processes("x ".repeat(201).strip().split(" ")))
        .hasMessageContaining("more than 200");
  }
}
