package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.dockerfile.Preparation.Prepared;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.Map;
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
            COPY --from=nginx:1 /b /b
            HEALTHCHECK CMD true
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
  }

  @Test
  void what_needs_buildkit_says_so() {
    refuses("FROM a\nRUN --mount=type=cache,target=/x y\n", "RUN --mount needs BuildKit");
    refuses("FROM a\nRUN <<EOF\necho\nEOF\n", "RUN << needs BuildKit");
    refuses("FROM a\nCOPY --link a b\n", "COPY --link needs BuildKit");
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
