package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RepositoryTest {
  @ParameterizedTest
  @CsvSource({
    "debian, docker.io, library/debian",
    "debian:13, docker.io, library/debian",
    "index.docker.io/library/debian@sha256:ab, docker.io, library/debian",
    "python@sha256:12, docker.io, library/python",
    "docker.io/library/python:3@sha256:12, docker.io, library/python",
    "index.docker.io/grafana/loki:3, docker.io, grafana/loki",
    "ada/app:1, docker.io, ada/app",
    "ghcr.io/ada/app, ghcr.io, ada/app",
    "GHCR.io:443/ada/app:1@sha256:ab, ghcr.io, ada/app",
    "127.0.0.1:5000/app:1, 127.0.0.1:5000, app",
    "127.0.0.1:5000/base/app, 127.0.0.1:5000, base/app",
    "localhost/app, localhost, app",
    "LOUD/app:1, LOUD, app",
  })
  void one_repository_is_the_same_however_it_is_written(String name, String host, String path) {
    var repository = Repository.of(name);
    assertThat(repository.host().value()).isEqualTo(host);
    assertThat(repository.path()).isEqualTo(path);
  }
}
