package dev.widemesh.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class ShownAddressTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "https://host:8443/a/b.tgz,                   https://host:8443/a/b.tgz",
    "https://host/b.tgz?X-Signature=s3cret,       https://host/b.tgz",
    "https://host?s3cret,                         https://host",
    "https://host/b.tgz#s3cret,                   https://host/b.tgz",
    "https://ada:s3cret@host/b.tgz,               https://host/b.tgz",
    "https://s3cret?@host/b.tgz,                  https://host/b.tgz",
    "HTTP://s3cret@host/b?s3cret#s3cret,          HTTP://host/b",
    "no address? No.,                             no address? No.",
  })
  void what_may_be_a_secret_is_left_out(String address, String shown) {
    assertThat(ShownAddress.in(address)).isEqualTo(shown);
  }

  @Test
  void each_one_in_a_text() {
    assertThat(ShownAddress.in("redirect https://a/b?x=s3cret -> http://s3cret@c/d?y not allowed"))
        .isEqualTo("redirect https://a/b -> http://c/d not allowed");
  }
}
