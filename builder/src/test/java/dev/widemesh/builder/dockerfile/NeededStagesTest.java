package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-5")
class NeededStagesTest {
  private static final String TEXT =
      """
      ARG BASE=tools
      FROM debian AS tools
      RUN one
      FROM nowhere AS unasked
      RUN --mount=type=cache,target=/x two
      FROM ${BASE} AS Build
      RUN three
      FROM alpine
      RUN four
      FROM scratch AS web
      COPY --from=2 /a /a
      COPY --from=3 /b /b
      CMD ["web"]
      FROM web AS test
      RUN five
      """;

  private static Dockerfile upTo(String target, String text, Map<String, String> offered)
      throws BuildRefused {
    return NeededStages.of(Dockerfile.parse(text), target, offered);
  }

  private static String prepared(String target, Map<String, String> offered) throws Exception {
    return prepared(target, TEXT, offered);
  }

  private static String prepared(String target, String text, Map<String, String> offered)
      throws Exception {
    return Preparation.forBuildKit(
            upTo(target, text, offered), offered, (_, name) -> "pinned:" + name)
        .text()
        .replaceAll("\n+", "\n");
  }

  private static List<Integer> lines(String target, String text) throws BuildRefused {
    return upTo(target, text, Map.of()).instructions().stream().map(Instruction::line).toList();
  }

  @Test
  void a_stage_comes_with_those_that_it_begins_with_and_copies_from_and_no_other()
      throws Exception {
    assertThat(prepared("web", Map.of()))
        .isEqualTo(
            """
            ARG BASE=tools
            FROM pinned:debian AS tools
            RUN one
            FROM tools AS build
            RUN three
            FROM pinned:alpine
            RUN four
            FROM scratch AS web
            COPY --from=1 /a /a
            COPY --from=2 /b /b
            CMD ["web"]
            """);
    assertThat(prepared("tools", Map.of())).endsWith("FROM pinned:debian AS tools\nRUN one\n");
  }

  @Test
  void values_that_are_offered_decide_what_a_stage_begins_with() throws Exception {
    assertThat(prepared("build", Map.of("BASE", "fedora")))
        .isEqualTo("ARG BASE=tools\nFROM pinned:fedora AS build\nRUN three\n");
  }

  @Test
  void what_would_be_told_to_buildkit_leads_to_no_other_stage() throws Exception {
    var text =
        """
        ARG BUILDKIT_BASE=tools
        FROM debian AS tools
        FROM alpine AS others
        FROM ${BUILDKIT_BASE} AS web
        """;
    assertThat(prepared("web", text, Map.of("BUILDKIT_BASE", "others")))
        .isEqualTo("ARG BUILDKIT_BASE=tools\nFROM pinned:debian AS tools\nFROM tools AS web\n");
  }

  @Test
  void a_stage_is_named_in_any_case_or_by_its_number() throws Exception {
    var web = lines("web", TEXT);
    assertThat(web).containsExactly(1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13);
    assertThat(lines("WEB", TEXT)).isEqualTo(web);
    assertThat(lines("4", TEXT)).isEqualTo(web);
    assertThat(lines("3", TEXT)).containsExactly(1, 8, 9);
    assertThat(lines("", TEXT)).hasSize(15);
  }

  @Test
  void what_a_step_mounts_is_needed_and_only_stages_before_are_meant() throws Exception {
    var text =
        """
        FROM a AS one
        FROM b AS two
        FROM c AS three
        RUN --mount=type=bind,from=TWO,target=/x --mount=from=d,target=/y z
        COPY --from=four / /z
        FROM e AS four
        """;
    assertThat(lines("three", text)).containsExactly(2, 3, 4, 5);
  }

  @Test
  void a_mount_is_read_as_buildkit_reads_it() throws Exception {
    var text =
        """
        FROM a AS one
        FROM b AS two
        FROM c AS three
        RUN --mount=type=bind,from=one,FROM=two,target=/x z
        """;
    assertThat(lines("three", text)).containsExactly(2, 3, 4);
  }

  @Test
  void what_only_a_stage_needs_that_is_left_out_needs_no_buildkit() throws Exception {
    assertThat(upTo("", TEXT, Map.of()).beyondClassic()).isPresent();
    assertThat(upTo("web", TEXT, Map.of()).beyondClassic()).isEmpty();
    assertThat(upTo("unasked", TEXT, Map.of()).beyondClassic()).isPresent();
  }

  @Test
  void an_unknown_stage_is_refused_with_those_that_there_are() {
    for (var target : List.of("wbe", "6", "9999")) {
      assertThatThrownBy(() -> upTo(target, TEXT, Map.of()))
          .isInstanceOf(BuildRefused.class)
          .hasMessageContaining(
              "the Dockerfile has no stage '%s', only tools, unasked, build, 3, web, test"
                  .formatted(target));
    }
    assertThatThrownBy(() -> upTo("x", "FROM a\n".repeat(25), Map.of()))
        .hasMessageContaining("18, 19 and 5 more");
    assertThatThrownBy(() -> upTo("x", "FROM a AS x\nFROM b AS X\n", Map.of()))
        .hasMessageContaining("two stages are named x");
  }
}
