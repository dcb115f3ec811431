package dev.widemesh.builder.supply;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.builder.FolderSources;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.supply.Supply.Delivery;
import dev.widemesh.builder.supply.TlsHost.Page;
import dev.widemesh.model.BuildpackReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class SupplyTest {
  private static final Map<String, String> HELLO =
      Packed.buildpack("acme/hello", "1", "exit 0", "exit 0");

  private static final String OWN = "127.0.0.1:5999";

  @TempDir static Path folder;
  private static TlsHost host;
  @TempDir Path root;
  private Supply supply;

  @BeforeAll
  static void open() throws Exception {
    host = TlsHost.start(folder);
  }

  @AfterAll
  static void close() {
    host.close();
  }

  @BeforeEach
  void begin() throws Exception {
    supply = supply(Set.of(host.name()));
    host.asked.clear();
  }

  private Supply supply(Set<String> opened) throws Exception {
    return Supply.open(
        new Supply.Config(root, OWN, opened, Map.of(), Optional.of(host.certificate())),
        new FolderSources());
  }

  private Delivery get(String reference) throws Exception {
    return get("shop", reference);
  }

  private Delivery get(String stack, String reference, RegistryLogin... logins) throws Exception {
    try (var deliveries = supply.begin(stack, List.of(logins))) {
      return deliveries.get(BuildpackReference.parse(reference)).orElseThrow();
    }
  }

  private void refuses(String reference, String... words) {
    assertThatThrownBy(() -> get(reference))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void an_archive_is_fetched_once_and_then_only_asked_whether_it_changed() throws Exception {
    host.put("/a.tgz", new Page(200, Packed.tgz(HELLO), Map.of("ETag", "\"1\"")));
    var first = get(host.url("/a.tgz"));
    var second = get(host.url("/a.tgz"));

    assertThat(first.fresh()).isTrue();
    assertThat(second.fresh()).isFalse();
    assertThat(second.digest()).isEqualTo(first.digest()).matches("sha256:[0-9a-f]{64}");
    assertThat(second.tree().resolve("bin/build")).isExecutable();

    var newer = Packed.buildpack("acme/hello", "2", "exit 0", "exit 0");
    host.put("/a.tgz", new Page(200, Packed.tgz(newer), Map.of("ETag", "\"2\"")));
    var third = get(host.url("/a.tgz"));
    assertThat(third.fresh()).isTrue();
    assertThat(third.digest()).isNotEqualTo(first.digest());
  }

  @Test
  void one_with_a_hash_is_never_asked_for_again_and_another_content_is_refused() throws Exception {
    var tgz = Packed.tgz(HELLO);
    host.put("/pinned.tgz", tgz);
    var pinned = host.url("/pinned.tgz#sha256=") + Sha256.of(tgz).substring(7);

    get(pinned);
    get(pinned);
    assertThat(host.asked).containsExactly("GET /pinned.tgz");

    refuses(host.url("/pinned.tgz#sha256=") + "0".repeat(64), "has another hash", "sha256=");
  }

  @Test
  void the_folder_that_a_forge_packs_all_into_is_left_out() throws Exception {
    var inside = new LinkedHashMap<String, String>();
    HELLO.forEach((name, text) -> inside.put("hello-1.0/" + name, text));
    host.put("/forge.tar.gz", Packed.tgz(inside));
    host.put("/plain.tgz", Packed.tgz(HELLO));

    assertThat(get(host.url("/forge.tar.gz")).digest())
        .isEqualTo(get(host.url("/plain.tgz")).digest());
  }

  @Test
  void what_is_not_there_or_no_archive_is_said() {
    host.put("/no.tgz", "no archive".getBytes(UTF_8));

    refuses(host.url("/nowhere.tgz"), "/nowhere.tgz cannot be fetched", "its server answers 404");
    refuses(host.url("/no.tgz"), "/no.tgz cannot be fetched");
  }

  @Test
  void a_host_that_is_not_opened_is_not_connected_to() throws Exception {
    supply = supply(Set.of());
    refuses(host.url("/a.tgz"), "buildpacks are not fetched from localhost, which is not on");
    refuses("https://127.0.0.1:1/a.tgz", "not on the public internet");
    refuses("https://169.254.169.254/latest.tgz", "not on the public internet");
    refuses("docker://10.0.0.5:5000/acme/java", "not on the public internet");

    assertThat(host.asked).isEmpty();
  }

  @Test
  void the_platforms_own_registry_has_none_even_where_it_is_opened() throws Exception {
    supply = supply(Set.of(OWN, "localhost:5999"));
    for (var image :
        List.of(OWN + "/apps/x@sha256:" + "0".repeat(64), "localhost:5999/acme/java")) {
      refuses(
          "docker://" + image,
          "is the platform's own registry: it holds images of apps, and no buildpacks");
    }
    refuses("docker://127.0.0.1:5998/acme/java", "not on the public internet");
  }

  @Test
  void where_a_server_sends_us_on_is_asked_by_the_same_rules() throws Exception {
    try (var inner = TlsHost.start(Files.createDirectory(root.resolve("inner")))) {
      host.put("/on.tgz", new Page(302, new byte[0], Map.of("Location", inner.url("/a.tgz"))));
      refuses(host.url("/on.tgz"), "not on the public internet");
      assertThat(inner.asked).isEmpty();
    }
    host.put("/moved.tgz", new Page(301, new byte[0], Map.of("Location", "/there.tgz")));
    host.put("/there.tgz", Packed.tgz(HELLO));
    assertThat(get(host.url("/moved.tgz")).fresh()).isTrue();

    host.put("/open.tgz", new Page(302, new byte[0], Map.of("Location", "http://localhost/x")));
    refuses(host.url("/open.tgz"), "leads to what is not https");
    host.put("/round.tgz", new Page(302, new byte[0], Map.of("Location", "/round.tgz")));
    refuses(host.url("/round.tgz"), "leads on and on");
  }

  @Test
  void an_address_that_a_server_signed_is_not_repeated() throws Exception {
    try (var stranger = TlsHost.start(Files.createDirectory(root.resolve("signing")))) {
      supply = supply(Set.of(host.name(), stranger.name()));
      leads("/signed.tgz", stranger.url("/b.tgz?X-Signature=hunter2#hunter2"));
      keepsQuiet("/signed.tgz", stranger.url("/b.tgz cannot be fetched"));
    }
    leads("/twice.tgz", host.url("/lost?X-Signature=hunter2"));
    leads("/lost", "https://a b");
    keepsQuiet("/twice.tgz", host.url("/lost cannot be fetched"), "leads to no address");
    leads("/named.tgz", "https://ada:hunter2@localhost/");
    keepsQuiet("/named.tgz", "leads to an address with a name or password");
  }

  private static void leads(String path, String location) {
    host.put(path, new Page(302, new byte[0], Map.of("Location", location)));
  }

  private void keepsQuiet(String path, String... words) {
    assertThatThrownBy(() -> get(host.url(path)))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContainingAll(words)
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void a_server_that_nobody_vouches_for_is_not_believed() throws Exception {
    try (var stranger = TlsHost.start(Files.createDirectory(root.resolve("stranger")))) {
      supply = supply(Set.of(stranger.name()));
      refuses(stranger.url("/a.tgz"), "cannot be fetched", "certif");
      assertThat(stranger.asked).isEmpty();
    }
  }

  @Test
  void a_buildpackage_is_read_with_a_login_and_by_each_stack_for_itself() throws Exception {
    Packed.buildpackage("acme/java", "9", Map.of("acme/hello@1", HELLO)).forEach(host::put);
    var token = Map.of("token", "t0ken");
    host.guard(
        (path, authorization) ->
            switch (path) {
              case "/token" ->
                  Optional.of(
                      authorization.startsWith("Basic ")
                          ? Page.of(dev.widemesh.api.Json.write(token).getBytes(UTF_8))
                          : new Page(401, new byte[0], Map.of()));
              default ->
                  path.startsWith("/v2/acme/") && !authorization.equals("Bearer t0ken")
                      ? Optional.of(
                          new Page(401, new byte[0], Map.of("WWW-Authenticate", bearer())))
                      : Optional.empty();
            });
    var login = new RegistryLogin(host.name(), "ada", "secret");
    var image = "docker://" + host.name() + "/acme/java:9";

    refuses(image, "the registry does not give us the buildpack " + host.name() + "/acme/java:9");
    var first = get("shop", image, login);
    assertThat(first.main()).isEqualTo("acme/hello@1");
    assertThat(first.tree().resolve("cnb/buildpacks/acme_hello/1/bin/build")).isExecutable();
    assertThat(get("shop", image, login).fresh()).isFalse();

    // What one stack was given is not there for another by that.
    assertThatThrownBy(() -> get("other", image)).hasMessageContaining("does not give us");
    var byDigest = image.replaceFirst(":9$", "@" + manifestDigest());
    get("shop", byDigest, login);
    assertThat(get("shop", byDigest).fresh()).isFalse();
    assertThatThrownBy(() -> get("other", byDigest)).hasMessageContaining("does not give us");
  }

  private static String manifestDigest() {
    return Packed.buildpackage("acme/java", "9", Map.of("acme/hello@1", HELLO)).keySet().stream()
        .filter(path -> path.contains("/manifests/sha256:"))
        .map(path -> path.replaceFirst(".*/manifests/", ""))
        .findFirst()
        .orElseThrow();
  }

  private static String bearer() {
    return "Bearer realm=\"%s\",service=\"s\",scope=\"repository:acme/java:pull\""
        .formatted(host.url("/token"));
  }

  @Test
  void an_image_that_is_none_or_damaged_is_refused() throws Exception {
    var files = Packed.buildpackage("other/java", "9", Map.of("acme/hello@1", HELLO));
    files.forEach(host::put);
    refuses("docker://" + host.name() + "/other/none:9", "there is no buildpack");

    files.forEach(
        (path, content) -> {
          if (path.contains("/blobs/") && content[0] == 0x1f) {
            var other = Packed.buildpack("acme/hello", "1", "exit 0", "exit 1");
            host.put(path, Packed.tgz(other));
          }
        });
    refuses("docker://" + host.name() + "/other/java:9", "another hash");

    host.put("/v2/plain/x/manifests/latest", "{\"config\": 3}".getBytes(UTF_8));
    refuses("docker://" + host.name() + "/plain/x", "is no buildpackage");
  }
}
