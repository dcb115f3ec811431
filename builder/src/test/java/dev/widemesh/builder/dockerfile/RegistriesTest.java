package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.RegistryHost;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RegistriesTest {
  private static final Instruction FROM = new Instruction(1, "FROM", List.of(), "x");

  @ParameterizedTest
  @Tag("BLD-12")
  @ValueSource(
      strings = {
        "localhost/x",
        "LocalHost:5000/x",
        "localhost.:5000/x",
        "127.0.0.1:5000/x",
        "127.8.8.8/x",
        "127.1:5000/x",
        "0.0.0.0:5000/x",
        "0.1.2.3/x",
        "10.0.0.1/x",
        "172.17.0.1:5000/x",
        "192.168.1.1/x",
        "100.100.100.200/x",
        "169.254.169.254/x",
        "224.0.0.1/x",
        "registry.invalid/x:1",
        "a_b.c/x"
      })
  void what_is_inside_is_no_registry_however_it_is_written(String image) {
    refuses(image);
  }

  @Test
  @Tag("BLD-12")
  void an_address_of_this_machine_is_none() throws Exception {
    for (var each : NetworkInterface.networkInterfaces().toList()) {
      each.inetAddresses()
          .filter(Inet4Address.class::isInstance)
          .forEach(address -> refuses(address.getHostAddress() + ":5000/x"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nginx", "library/nginx:1", "docker.io/nginx", "8.8.8.8:5000/x"})
  void public_ones_are_asked(String image) {
    accepts(Set.of(), image);
  }

  @Test
  void what_the_operator_opened_is_asked() {
    accepts(Set.of("10.0.0.5:5000"), "10.0.0.5:5000/x");
    accepts(Set.of("registry.invalid"), "Registry.invalid:443/x");
    assertThatThrownBy(() -> registries(Set.of("10.0.0.5:5000")).require(FROM, "10.0.0.5:22/x"))
        .hasMessageContaining("no public registry");
  }

  /// Credentials go to the host that Docker will ask, and to no other.
  @ParameterizedTest
  @Tag("BLD-5")
  @CsvSource({
    "nginx,docker.io",
    "team/nginx:1,docker.io",
    "index.docker.io/team/nginx,docker.io",
    "Ghcr.IO/a/b@sha256:00,ghcr.io",
    "ghcr.io:443/a/b,ghcr.io",
    "ghcr.io:5000/a/b,ghcr.io:5000",
    "localhost/a,localhost",
    "LOCALHOST/a,localhost",
    "ghcr.io.evil.com/a,ghcr.io.evil.com",
  })
  void the_host_of_an_image_is_the_one_that_is_asked(String image, String host) {
    assertThat(RegistryHost.ofImage(image)).contains(new RegistryHost(host));
  }

  @ParameterizedTest
  @Tag("BLD-5")
  @ValueSource(strings = {"", "nginx", "https://ghcr.io", "ghcr.io/team", "a b.c", "u@ghcr.io"})
  void what_is_no_host_gets_no_credentials(String text) {
    assertThat(RegistryHost.parse(text)).isEmpty();
  }

  private static Registries registries(Set<String> opened) {
    return new Registries(opened, NameLookup.SYSTEM);
  }

  private static void accepts(Set<String> opened, String image) {
    assertThatCode(() -> registries(opened).require(FROM, image)).doesNotThrowAnyException();
  }

  private static void refuses(String image) {
    assertThatThrownBy(() -> registries(Set.of()).require(FROM, image))
        .as(image)
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining("no public registry");
  }
}
