package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LocalImagesTest {
  @ParameterizedTest
  @CsvSource({
    "python:3, python",
    "python@sha256:12, python",
    "docker.io/library/python:3@sha256:12, python",
    "index.docker.io/grafana/loki:3, grafana/loki",
    "127.0.0.1:5000/base/app:1, 127.0.0.1:5000/base/app",
    "127.0.0.1:5000/base/app, 127.0.0.1:5000/base/app"
  })
  void a_repository_is_said_as_the_engine_says_it(String name, String repository) {
    assertThat(LocalImages.repository(name)).isEqualTo(repository);
  }
}
