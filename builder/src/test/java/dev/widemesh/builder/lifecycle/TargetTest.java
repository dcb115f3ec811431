package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tomlj.Toml;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
class TargetTest {
  private static final Target HERE =
      new Target("linux", "amd64", List.of(new Target.Distribution("debian", "13")));

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "'',                                                                     true",
    "os = 'linux',                                                           true",
    "os = 'windows',                                                         false",
    "os = 'linux'| arch = 'arm64',                                           false",
    "arch = 'amd64',                                                         true",
    "os = 'linux'|[[distros]]| name = 'ubuntu',                              false",
    "os = 'linux'|[[distros]]| name = 'debian'| version = '12',              false",
    "os = 'linux'|[[distros]]| name = 'debian',                              true",
    "[[distros]]| name = 'ubuntu'|[[distros]]| name = 'debian'| version = '13', true",
  })
  void what_is_not_said_is_not_minded(String toml, boolean covers) {
    var target = Target.parse(Toml.parse(toml.replace('|', '\n')));

    assertThat(target.covers(HERE)).isEqualTo(covers);
  }
}
