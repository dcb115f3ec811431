package dev.widemesh.builder.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SignedTextTest {
  private static final String SOURCE =
      "http://deb.debian.org/debian-security/dists/trixie-security/InRelease";

  @Test
  void what_debian_signed_is_given_out_and_a_changed_letter_is_not() throws Exception {
    var signed = fetch();

    assertThat(SignedText.verified(bytes(signed), SOURCE)).contains("Codename: trixie-security\n");
    var changed = signed.replaceFirst("Codename: trixie", "Codename: trixje");
    assertThatThrownBy(() -> SignedText.verified(bytes(changed), SOURCE))
        .isInstanceOf(MirrorFailed.class)
        .hasMessageContaining("not signed by Debian's archive keys");
  }

  @Test
  void text_before_or_after_the_signed_part_is_not_given_out() throws Exception {
    var signed = "Codename: evil\n" + fetch() + "\nCodename: evil\n";

    assertThat(SignedText.verified(bytes(signed), SOURCE)).doesNotContain("evil");
  }

  @Test
  void plain_text_is_refused() {
    assertThatThrownBy(() -> SignedText.verified(bytes("Codename: trixie\n"), SOURCE))
        .isInstanceOf(IOException.class);
  }

  private static String fetch() throws Exception {
    var request = HttpRequest.newBuilder(URI.create(SOURCE)).timeout(Duration.ofSeconds(30));
    try (var http = HttpClient.newHttpClient()) {
      return http.send(request.build(), BodyHandlers.ofString()).body();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
