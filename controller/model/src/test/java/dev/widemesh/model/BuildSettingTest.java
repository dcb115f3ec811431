package dev.widemesh.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("STK-4")
class BuildSettingTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "BP_MAVEN_BUILD_ARGUMENTS, true",
    "VITE_API_URL,             true",
    "NEXT_PUBLIC_apiUrl,       true",
    "REACT_APP_X,              true",
    "PUBLIC_KEY,               true",
    "VITE_,                    false",
    "MY_VITE_API,              false",
    "NEXT_TOKEN,               false",
    "DATABASE_URL,             false",
    "vite_api,                 false",
    "PATH,                     false",
  })
  void builds_are_told_what_its_name_says_is_for_them(String name, boolean told) {
    assertThat(BuildSetting.isNamed(name)).isEqualTo(told);
  }
}
