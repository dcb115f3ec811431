package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.model.RegistryHost;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class EngineWordsTest {
  private static final RegistryHost HOST = new RegistryHost("ghcr.example");

  private static String shown(String words) {
    return new EngineWords(words).of(HOST);
  }

  @Test
  @Tag("BLD-12")
  void what_answers_where_a_registry_leads_to_is_told_apart_by_nobody() {
    var realm = "Get \"http://10.0.0.1:22/token?service=https://ghcr.example/v2/\": ";
    var seen =
        List.of(
            realm + "dial tcp 10.0.0.1:22: connect: connection refused",
            realm + "dial tcp 10.0.0.1:22: i/o timeout",
            realm + "malformed HTTP response \"SSH-2.0-OpenSSH_9.2\"",
            realm + "http: server gave HTTP response to HTTPS client",
            "error parsing HTTP 404 response body: invalid character '<': \"404 page not found\"",
            "error parsing HTTP 403 response body: invalid character 'F': \"Forbidden\"",
            "invalid character '<' looking for beginning of value");
    assertThat(seen.stream().map(EngineWordsTest::shown).collect(Collectors.toSet()))
        .containsExactly("what answers is no registry");
    assertThat(seen.stream().map(EngineWords::new))
        .noneMatch(EngineWords::isDenial)
        .noneMatch(EngineWords::isUnknown);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Get "https://ghcr.example/v2/": dial tcp 1.2.3.4:443: connect: connection refused | it is silent
          Get "https://ghcr.example:443/v2/": EOF | it is silent
          Get "https://ghcr.example/v2/": x509: unknown authority | its TLS certificate is not trusted here
          login attempt to https://ghcr.example/v2/ failed with status: 404 Not Found | what answers is no registry
          toomanyrequests: see https://docs.example/limits | it allows no more pulls for now
          no matching manifest for linux/arm64/v8 | it has none for this machine's processor
          failed to register layer: ApplyLayer exit status 1 stdout:  stderr: archive/tar: invalid tar header | its layers are packed with what this server's Docker does not know; zstd takes Docker 23 or newer
          write /var/lib/docker/tmp/x: no space left on device | this server's disk is full
          """)
  void a_registry_itself_is_told_what_is_wrong_with_it(String words, String shown) {
    assertThat(shown(words)).isEqualTo(shown);
  }
}
