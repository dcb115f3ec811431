package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CertificateAuthorityTest {
  @TempDir Path folder = Path.of("unset");

  private CertificateAuthority at(Instant now) {
    var authority =
        new CertificateAuthority(folder, "widemesh.localhost", InstantSource.fixed(now));
    authority.renew();
    return authority;
  }

  private static X509Certificate leaf(CertificateAuthority authority) throws Exception {
    var found = chain(authority);
    found.getFirst().verify(found.getLast().getPublicKey());
    return found.getFirst();
  }

  private static X509Certificate root(CertificateAuthority authority) throws Exception {
    return chain(authority).getLast();
  }

  private static List<X509Certificate> chain(CertificateAuthority authority) throws Exception {
    var chain = authority.certificates().getFirst().chain().getBytes(StandardCharsets.UTF_8);
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(chain))
        .stream()
        .map(X509Certificate.class::cast)
        .toList();
  }

  @Test
  void the_leaf_is_for_the_domain_and_what_is_under_it() throws Exception {
    var leaf = leaf(at(Instant.now()));
    assertThat(leaf.getSubjectAlternativeNames().stream().map(name -> name.get(1).toString()))
        .containsExactly("widemesh.localhost", "*.widemesh.localhost");
  }

  @Test
  void another_domain_gets_another_leaf_of_the_same_root() throws Exception {
    var root = root(at(Instant.now()));
    var longName = "a".repeat(60) + ".apps.example.test";
    for (var domain : List.of("apps.example.test", longName)) {
      var authority = new CertificateAuthority(folder, domain, InstantSource.system());
      authority.renew();

      assertThat(leaf(authority).getSubjectAlternativeNames())
          .extracting(name -> name.get(1).toString())
          .containsExactly(domain, "*." + domain);
      assertThat(authority.certificates().getFirst().names())
          .containsExactly(domain, "*." + domain);
      assertThat(root(authority)).isEqualTo(root);
    }
  }

  @Test
  void it_is_kept_across_restarts_and_renewed_at_two_thirds() throws Exception {
    var now = Instant.now();
    var first = leaf(at(now)).getSerialNumber();
    assertThat(leaf(at(now.plus(Duration.ofDays(59)))).getSerialNumber()).isEqualTo(first);
    assertThat(leaf(at(now.plus(Duration.ofDays(61)))).getSerialNumber()).isNotEqualTo(first);
  }

  @Test
  void keys_are_for_their_owner_only() throws Exception {
    at(Instant.now());
    for (var key : List.of("ca.key", "leaf.key")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(key))))
          .isEqualTo("rw-------");
    }
  }
}
