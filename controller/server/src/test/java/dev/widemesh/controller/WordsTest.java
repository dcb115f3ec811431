package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WordsTest {
  @Test
  void the_name_that_was_meant_is_suggested() {
    assertThat(Absent.of("environment", "shpo", List.of("shop", "blog")))
        .isEqualTo("no environment 'shpo'; did you mean 'shop'?");
    assertThat(Absent.of("environment", "zebra", List.of("shop", "blog")))
        .isEqualTo("no environment 'zebra'");
  }

  @Test
  void a_key_has_the_fingerprint_that_ssh_shows() {
    assertThat(PublicKey.parse(Platform.KEY).fingerprint()).startsWith("SHA256:").hasSize(50);
    assertThat(PublicKey.parse(Platform.KEY).comment()).isEqualTo("me@home");
  }

  @Test
  void private_and_weak_and_broken_keys_are_refused_with_words() {
    assertThatThrownBy(() -> PublicKey.parse("-----BEGIN OPENSSH PRIVATE KEY-----"))
        .hasMessageContaining("private key");
    assertThatThrownBy(() -> PublicKey.parse("ssh-dss AAAAB3NzaC1kc3M= x"))
        .hasMessageContaining("'ssh-dss' are not accepted");
    assertThatThrownBy(() -> PublicKey.parse(Platform.KEY.substring(0, 60)))
        .isInstanceOf(Refusal.class);
  }
}
