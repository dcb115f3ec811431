package dev.widemesh.builder.debian;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.supply.TlsHost;
import dev.widemesh.builder.supply.TlsHost.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The operator's own mirror: over https, with a certificate of the house, for those with a
/// password.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-13")
class MirrorLoginTest {
  private static final String REAL = "http://deb.debian.org";
  private static final String LOGIN =
      "Basic " + Base64.getEncoder().encodeToString("ada:s3c/ret".getBytes(UTF_8));

  @TempDir private Path folder;
  private TlsHost host;
  private TlsHost other;
  private final List<String> told = new CopyOnWriteArrayList<>();

  /// It has what Debian has.
  @BeforeEach
  void start() throws Exception {
    host = TlsHost.start(Files.createDirectory(folder.resolve("host")));
    host.guard(
        (_, authorization) ->
            authorization.equals(LOGIN)
                ? Optional.empty()
                : Optional.of(new Page(401, new byte[0], Map.of("WWW-Authenticate", "Basic"))));
    other = TlsHost.start(Files.createDirectory(folder.resolve("other")));
    other.guard(
        (_, authorization) -> {
          told.add(authorization);
          return Optional.empty();
        });
  }

  @AfterEach
  void stop() {
    host.close();
    other.close();
  }

  private Mirror as(String login) throws IOException {
    var both = Files.readString(host.certificate()) + Files.readString(other.certificate());
    var bundle = Files.writeString(folder.resolve("house.pem"), both);
    var mirror = "https://" + login + host.name() + "/debian/";
    return new Mirror(new BaseImagesConfig(folder, mirror, Optional.of(bundle), Map.of()));
  }

  private static Optional<Page> real(String path) {
    try (var in = URI.create(REAL + path).toURL().openStream()) {
      return Optional.of(Page.of(in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void what_debian_signed_comes_with_the_login_and_is_written_down_without_it() throws Exception {
    host.guard((path, _) -> real(path));

    var found = new Archive(as("ada:s3c%2Fret@")).index().find("bash").orElseThrow();

    assertThat(found.url()).startsWith("https://" + host.name() + "/debian/pool/main/b/bash/");
    assertThat(host.asked)
        .contains(
            "GET /debian/dists/trixie/InRelease",
            "GET /debian-security/dists/trixie-security/InRelease");
  }

  @Test
  void one_that_wants_another_login_is_named_without_a_password() throws Exception {
    var file = URI.create(host.url("/debian/dists/trixie/InRelease"));
    var correct =
        " name and password: correct WIDEMESH_DEBIAN_MIRROR=https://name:password@%s/debian"
            .formatted(host.name());
    assertThatThrownBy(() -> as("ada:guessed@").read(file, 1_000))
        .isInstanceOf(MirrorFailed.class)
        .hasMessage("the Debian mirror localhost wants another" + correct);
    assertThatThrownBy(() -> as("").read(file, 1_000))
        .isInstanceOf(MirrorFailed.class)
        .hasMessage("the Debian mirror localhost wants a" + correct);
    assertThatThrownBy(
            () ->
                new Mirror(
                    new BaseImagesConfig(
                        folder, "ftp://ada:s3cret@mirror", Optional.empty(), Map.of())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("WIDEMESH_DEBIAN_MIRROR is not like http://deb.debian.org/debian");
  }

  @Test
  void whom_it_sends_us_to_is_not_told_the_login() throws Exception {
    host.put("/debian/far", new Page(302, new byte[0], Map.of("Location", other.url("/far"))));
    other.put("/far", "from far".getBytes(UTF_8));

    var read = as("ada:s3c%2Fret@").read(URI.create(host.url("/debian/far")), 1_000);

    assertThat(read.orElseThrow()).isEqualTo("from far".getBytes(UTF_8));
    assertThat(told).containsExactly("");
  }
}
