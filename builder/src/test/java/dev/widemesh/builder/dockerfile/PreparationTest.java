package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.dockerfile.Preparation.Prepared;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PreparationTest {
  @Test
  void images_are_pinned_stages_are_not_and_everything_is_marked() throws Exception {
    var prepared =
        prepared(
            """
            ARG VERSION=12
            FROM debian:${VERSION:-1} AS Build
            RUN make
            LABEL a=b
            FROM build AS next
            FROM --platform=$TARGETPLATFORM scratch
            COPY --from=0 --chown=1:1 /a /a
            COPY --from=BUILD /a /a
            COPY --from=next /a /a
            ADD --chown=1:1 a b.tar
            COPY --from=nginx:1 /b /b
            HEALTHCHECK CMD true
            VOLUME /data
            """);

    assertThat(prepared.text())
        .isEqualTo(
            """
            ARG VERSION=12
            FROM pinned:debian:13 AS build
            LABEL mark=1
            RUN make
            LABEL a=b mark=1
            LABEL mark=1
            FROM build AS next
            LABEL mark=1
            FROM scratch
            LABEL mark=1
            COPY --from=0 --chown=1:1 /a /a
            COPY --from=0 /a /a
            COPY --from=1 /a /a
            COPY --chown=1:1 a b.tar
            COPY --from=pinned:nginx:1 /b /b
            """);
    assertThat(prepared.steps().get(3).orElseThrow().line()).isEqualTo(3);
    assertThat(prepared.steps().get(5)).isEmpty();
  }

  @Test
  @Tag("BLD-5")
  void only_declared_arguments_are_given() throws Exception {
    var prepared = prepared("ARG VERSION\nFROM debian:$VERSION\nARG TARGETARCH\nRUN x\n");

    assertThat(prepared.arguments()).containsOnlyKeys("VERSION", "TARGETARCH");
    assertThat(prepared.arguments()).containsEntry("VERSION", "13");
  }

  @Test
  @Tag("BLD-12")
  void what_the_engine_would_do_outside_of_the_limits_is_refused() {
    refuses("FROM a\nADD http://169.254.169.254/ /x\n", "ADD takes files of the app only");
    refuses("FROM a\nADD [\"https://x/y\", \"/x\"]\n", "ADD takes files of the app only");
    refuses("FROM a\nARG U=http://x\nADD $U /x\n", "ADD takes files of the app only");
    refuses("FROM a\nADD ht\\tp:/\"/\"x /x\n", "ADD takes files of the app only");
    refuses("FROM a\nONBUILD ADD http://x /x\n", "ONBUILD");
    refuses("FROM a\nCOPY --from=$X /a /a\n", "'$X' is no image");
    refuses("FROM a\nCOPY --from=scratch /a /a\n", "'scratch' is no image");
  }

  /// Before it has ended, the engine takes a stage's name for anybody's image.
  @Test
  @Tag("BLD-12")
  void a_stage_is_none_before_it_has_ended() throws Exception {
    refuses("FROM a AS abc1\nCOPY --from=abc1 / /x\n", "a stage cannot copy from itself");
    refuses("FROM a AS abc1\nCOPY --from=ABC1 / /x\n", "a stage cannot copy from itself");
    refuses("FROM a\nCOPY --from=0 / /x\n", "a stage cannot copy from itself");
    refuses("FROM a\nCOPY --from=00 / /x\n", "a stage cannot copy from itself");
    refuses("FROM a\nCOPY --from=1 / /x\nFROM b\n", "there is no stage 1");
    refuses("FROM a AS x\nFROM b AS x\n", "two stages are named x");
    refuses("FROM a AS 1\n", "'1' cannot be the name of a stage");

    assertThat(prepared("FROM a\nCOPY --from=late / /x\nFROM b AS late\n").text())
        .contains("COPY --from=pinned:late / /x");
    assertThat(prepared("FROM abc1 AS abc1\n").text()).startsWith("FROM pinned:abc1 AS abc1");
  }

  /// The engine refuses a URL for COPY, however it is quoted.
  @Test
  @Tag("BLD-12")
  void what_add_names_is_copied() throws Exception {
    for (var add : List.of("[a] http:\"//127.0.0.1:1/x\" /y/", "http:`//127.0.0.1:1/x /y/")) {
      assertThat(prepared("# escape=`\nFROM a\nADD " + add + "\n").text())
          .endsWith("\nCOPY " + add + "\n");
    }
    refuses("FROM a\nADD app.tar.gz /x\n", "ADD does not unpack archives here");
    refuses("FROM a\nADD [\"a.txt\", \"app.TGZ\", \"/x\"]\n", "ADD does not unpack archives");
  }

  @Test
  void values_that_grow_are_refused() {
    var doubling = new StringBuilder("ARG V0=0123456789\n");
    for (var i = 1; i < 60; i++) {
      doubling.append("ARG V%d=$V%d$V%d\n".formatted(i, i - 1, i - 1));
    }
    refuses(doubling + "FROM a\n", "a value is longer than 64 kB");
    var many = "ARG A=" + "x".repeat(60_000) + "\nARG" + " B=$A".repeat(100) + "\n";
    refuses(many + "FROM a\n", "the values before FROM are too long");
  }

  @Test
  void a_dockerfile_has_at_most_twenty_images() throws Exception {
    var twenty = new StringBuilder();
    for (var i = 0; i < 20; i++) {
      twenty.append("FROM image").append(i).append('\n');
    }
    assertThat(prepared(twenty + "FROM image7\n").text()).endsWith("image7\nLABEL mark=1\n");
    refuses(twenty + "FROM another\n", "line 21: more than 20 different images");
  }

  @Test
  void what_needs_buildkit_is_known() throws Exception {
    assertThat(beyond("FROM a\nRUN --mount=type=cache,target=/x y\n")).contains("--mount");
    assertThat(beyond("FROM a\nRUN <<EOF\nRUM\nEOF\n")).contains("<<");
    assertThat(beyond("FROM a\nCOPY --link a b\n")).contains("--link");
    assertThat(beyond("FROM a\nRUN echo \"<<EOF\"\nHEALTHCHECK --x=1 CMD y\n")).isEmpty();
    refuses("FROM a\nRUN <<EOF\necho\n", "the here-document EOF does not end");
  }

  private static Optional<String> beyond(String text) throws BuildRefused {
    return Dockerfile.parse(text).beyondClassic().flatMap(Instruction::beyondClassic);
  }

  @Test
  void for_buildkit_each_instruction_stays_on_its_line() throws Exception {
    var text =
        """
        # syntax=docker/dockerfile:1
        FROM debian AS first
        VOLUME /data
        RUN --mount=type=cache,target=/c --mount=from=alpine,target=/a \\
            one && \\
            two
        RUN --mount=type=secret,id=TOKEN --mount=target=/f <<A cat <<-'B' > /x
        FROM nobody
        A
        VOLUME
        \tB
        FROM debian
        RUN --mount=FROM=First,dst=/f,RO cat << END
        END
        ADD --chmod=644 x.tar /x
        """;

    var prepared =
        Preparation.forBuildKit(Dockerfile.parse(text), Map.of(), (_, name) -> "pinned:" + name);

    assertThat(prepared.secrets()).containsExactly("TOKEN");
    assertThat(prepared.text())
        .isEqualTo(
            """

            FROM pinned:debian AS first

            RUN --mount=type=cache,target=/c --mount=from=pinned:alpine,target=/a one &&     two


            RUN --mount=type=secret,id=TOKEN,required=true --mount=target=/f <<A cat <<-'B' > /x
            FROM nobody
            A
            VOLUME
            \tB
            FROM pinned:debian
            RUN --mount=from=first,target=/f,readonly=true cat << END
            END
            ADD --chmod=644 x.tar /x
            """);
  }

  @Test
  void what_no_step_may_have_is_refused() {
    refusesForBuildKit("RUN --mount=type=ssh x", "RUN --mount=type=ssh is not possible here");
    refusesForBuildKit("RUN --security=insecure x", "--security=insecure is not allowed here");
    refusesForBuildKit("RUN --network=host x", "RUN --network=host is not allowed here");
    refusesForBuildKit("RUN --mount=type=secret,target=/x/! x", "names no secret of the stack");
    refusesForBuildKit("ADD --link https://example.com/x /x", "ADD takes files of the app only");
  }

  /// A number is a stage to COPY only; a stage that has not ended is none.
  @Test
  void a_mount_names_its_stage() throws Exception {
    refusesForBuildKit(
        "RUN --mount=from=0,target=/x y", "RUN --mount knows no stage by its number");
    assertThat(forBuildKit("FROM a AS one\nFROM b\nRUN --mount=from=ONE,target=/x y\n"))
        .endsWith("RUN --mount=from=one,target=/x y\n");
    assertThat(forBuildKit("FROM a\nRUN --mount=from=late,target=/x y\nFROM b AS late\n"))
        .contains("RUN --mount=from=late:pinned,target=/x y\n");
    assertThatThrownBy(() -> forBuildKit("FROM a AS one\nRUN --mount=from=One,target=/x y\n"))
        .hasMessageContaining("a stage cannot mount itself");
  }

  private static String forBuildKit(String text) throws Exception {
    return Preparation.forBuildKit(Dockerfile.parse(text), Map.of(), (_, name) -> name + ":pinned")
        .text();
  }

  /// As BuildKit does, so that none is mounted empty.
  @Test
  @Tag("STK-4")
  void a_mounted_secret_is_known_by_its_source_its_id_or_its_target() throws Exception {
    for (var fields :
        List.of("src=A", "id=A", "source=A,id=", "ID=B,id=A", "dst=/run/A", "destination=/x/A")) {
      var text = "FROM a\nRUN --mount=TYPE=Secret," + fields + ",required=false x\n";
      var prepared = Preparation.forBuildKit(Dockerfile.parse(text), Map.of(), (_, name) -> name);

      assertThat(prepared.secrets()).as(fields).containsExactly("A");
      assertThat(prepared.text()).contains("--mount=type=secret,", "id=A", "required=true");
    }
    refusesForBuildKit("RUN --mount=type=secret,id=A,src=/b x", "names no secret of the stack");
  }

  @Test
  @Tag("BLD-12")
  void nothing_is_told_to_buildkit_itself() throws Exception {
    var text = "ARG BUILDKIT_SYNTAX\nFROM a\nARG BUILDKIT_SYNTAX\nARG OTHER\nRUN <<E\nE\n";
    var offered = Map.of("BUILDKIT_SYNTAX", "evil/x", "OTHER", "1");
    var prepared = Preparation.forBuildKit(Dockerfile.parse(text), offered, (_, name) -> name);

    assertThat(prepared.arguments()).containsOnlyKeys("OTHER");
  }

  @Test
  @Tag("BLD-12")
  void what_buildkit_might_read_otherwise_is_refused() throws Exception {
    assertThat(forBuildKit("FROM a\nRUN --mount=FROM=evil/x,target=/x y\n"))
        .contains("--mount=from=evil/x:pinned,target=/x");
    refusesForBuildKit("RUN --mount=type=SSH x", "RUN --mount=type=ssh is not possible here");
    refusesForBuildKit("RUN --mount=fr`om=evil,target=/x x", "a flag is not right");
    refusesForBuildKit("RUN --mount=target=/x\u00a0--mount=from=e x", "a flag is not right");
    refusesForBuildKit("RUN --mount=frm=evil,target=/x x", "has no option 'frm=evil'");
    refusesForBuildKit("RUN --mount=from,target=/x x", "has no option 'from'");
    refusesForBuildKit(
        "RUN --mount=target=${A:-,target=/x cat <<RUN\nRUN", "its flags change what << announces");
  }

  private static void refusesForBuildKit(String line, String words) {
    assertThatThrownBy(
            () ->
                Preparation.forBuildKit(
                    Dockerfile.parse("FROM a\n" + line + "\n"), Map.of(), (_, name) -> name))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining("Dockerfile line 2: ")
        .hasMessageContaining(words);
  }

  @Test
  void another_processor_is_refused() {
    refuses("FROM --platform=linux/s390x a\n", "is not what this server runs");
  }

  private static Prepared prepared(String text) throws Exception {
    return Preparation.of(
        Dockerfile.parse(text),
        Map.of("VERSION", "13", "UNASKED", "secret"),
        (_, name) -> "pinned:" + name,
        "mark=1");
  }

  private static void refuses(String text, String words) {
    assertThatThrownBy(() -> prepared(text))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining(words);
  }
}
