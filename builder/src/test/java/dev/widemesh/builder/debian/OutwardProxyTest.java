package dev.widemesh.builder.debian;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OutwardProxyTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "proxy.corp,                             proxy.corp:3128, ''",
    "http://proxy.corp:8080/,                proxy.corp:8080, ''",
    "http://[2001:db8::1]:8080,              [2001:db8::1]:8080, ''",
    "http://ada:s3cret@proxy.corp:8080,      proxy.corp:8080, ada:s3cret",
    "ada:s3cret@proxy.corp,                  proxy.corp:3128, ada:s3cret",
    "http://ada@proxy.corp,                  proxy.corp:3128, ada:",
    "http://ada:a%40b%3Ac@proxy.corp,        proxy.corp:3128, ada:a@b:c",
    "http://ada:a@b/c#d%@proxy.corp,         proxy.corp:3128, ada:a@b/c#d%",
    "https://ada:s3cret@proxy.corp:443,      proxy.corp:443, ''",
  })
  void it_is_read_as_people_write_it_and_shown_without_its_login(
      String text, String shown, String login) {
    var proxy = OutwardProxy.parse("HTTPS_PROXY", text);

    assertThat(proxy).hasToString(shown);
    assertThat(proxy.authorization().map(OutwardProxyTest::plain).orElse("")).isEqualTo(login);
  }

  private static String plain(String authorization) {
    assertThat(authorization).startsWith("Basic ");
    return new String(Base64.getDecoder().decode(authorization.substring(6)), UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://ada:hunter2@", "ada:hunter2@proxy:99999", "hunter2@a b", ":1"})
  void what_is_no_address_is_refused_and_not_repeated(String text) {
    assertThatThrownBy(() -> OutwardProxy.parse("HTTPS_PROXY", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("HTTPS_PROXY is not like http://proxy.example.com:3128");
  }
}
