package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.model.ImageReference;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ImageReferenceTest {
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nginx",
        "nginx:1.27-alpine",
        "ghcr.io/ada/shop",
        "127.0.0.1:5000/a/b__c/d-e.f:V1_x",
        "localhost:5000/a"
      })
  void what_docker_pull_takes_is_an_image(String text) {
    assertThat(ImageReference.refusal(text)).isEmpty();
    var pinned = new ImageReference(text).pinnedTo(DIGEST);
    assertThat(pinned.value()).isEqualTo(text + "@" + DIGEST);
    assertThat(pinned.pinnedTo("sha256:0")).isEqualTo(pinned);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "Nginx", "a:", "a@sha256:12", "a//b", "/a", "a/", "http://a/b", "a b"})
  void anything_else_is_none(String text) {
    assertThat(ImageReference.refusal(text)).isPresent();
  }

  @Test
  void a_long_one_is_refused_at_once_and_told_in_short() {
    assertThat(ImageReference.refusal("a-".repeat(100_000)).orElse("")).hasSizeLessThan(120);
    assertThat(ImageReference.refusal("a".repeat(499) + "!")).isPresent();
  }
}
