package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What software is in an image, however that was made. A platform of its own: its control process
/// is killed.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-10")
class SbomTest {
  private static final String CYCLONEDX = "application/vnd.cyclonedx+json";
  private static final String METADATA =
      "Metadata-Version: 2.1\nName: %s\nVersion: %s\nLicense: MIT\n";
  private static final String DOCKERFILE =
      """
      FROM widemesh/build:13
      USER root
      COPY site /opt/site
      RUN rm -r /opt/site/gone-1.0.dist-info
      CMD ["python3", "-m", "http.server", "8080"]
      """;

  private static PrivateRegistry registry;
  private static TestPlatform platform;

  @BeforeAll
  static void start() throws IOException {
    registry = PrivateRegistry.start();
    platform = TestPlatform.startWith(Map.of("WIDEMESH_REGISTRIES", registry.host()));
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
    registry.close();
  }

  private static JsonNode bill(App app, int version) throws IOException {
    return Json.MAPPER.readTree(
        app.mesh("deployments", "sbom", "v" + version, "--json").ok().out());
  }

  private static List<String> purls(JsonNode bill) {
    var purls = new ArrayList<String>();
    bill.path("components").forEach(each -> purls.add(each.path("purl").asText()));
    return purls;
  }

  private static String image(App app) throws IOException {
    var shown = app.mesh("deployments", "show", "--json").ok().out();
    return Json.MAPPER.readTree(shown).path("image").asText();
  }

  private static JsonNode get(String repository, String path) throws Exception {
    return new OwnRegistry(platform).get(repository, path);
  }

  /// As docs/images.md says, with openssl.
  private static void provenance(App app, String repository, String digest) throws Exception {
    var manifest = get(repository, "manifests/" + digest.replace(':', '-') + ".att");
    assertThat(manifest.path("artifactType").asText()).isEqualTo("application/vnd.in-toto+json");
    assertThat(manifest.at("/subject/digest").asText()).isEqualTo(digest);
    var envelope = get(repository, "blobs/" + manifest.at("/layers/0/digest").asText());
    var payload = Base64.getDecoder().decode(envelope.path("payload").asText());
    var head = "DSSEv1 28 application/vnd.in-toto+json %d ".formatted(payload.length);
    var folder = Files.createDirectories(platform.folder.resolve("provenance"));
    Files.writeString(folder.resolve("signed"), head + new String(payload, StandardCharsets.UTF_8));
    var signature = envelope.at("/signatures/0/sig").asText();
    Files.write(folder.resolve("sig"), Base64.getDecoder().decode(signature));
    var key = platform.data.resolve("signing.pub").toString();
    assertThat(
            Shell.run(
                    folder,
                    Map.of(),
                    List.of(
                        "openssl",
                        "dgst",
                        "-sha256",
                        "-verify",
                        key,
                        "-signature",
                        "sig",
                        "signed"))
                .ok()
                .out())
        .contains("Verified OK");

    var said = new String(payload, StandardCharsets.UTF_8);
    assertThat(said).contains("\"BP_SHOWN\"").doesNotContain("pAsswOrd", "HIDDEN");
    var statement = Json.MAPPER.readTree(said);
    assertThat("sha256:" + statement.at("/subject/0/digest/sha256").asText()).isEqualTo(digest);
    var made = statement.at("/predicate/buildDefinition/resolvedDependencies");
    assertThat(made.at("/0/digest/gitCommit").asText()).isEqualTo(app.head());
    assertThat(made.findValuesAsText("uri"))
        .anyMatch(uri -> uri.startsWith("widemesh/run@sha256:"));
  }

  private static Path tag(String image) {
    var at = image.indexOf('@');
    return platform.data.resolve(
        "control/registry/repositories/%s/_tags/%s.sbom"
            .formatted(image.substring(0, at), image.substring(at + 1).replace(':', '-')));
  }

  @Test
  void of_a_push_it_has_the_base_the_runtime_and_the_dependencies_and_is_a_referrer()
      throws Exception {
    var app = App.create(platform, platform.environmentOf("node"), "shop");
    app.node("one")
        .write(
            "package.json",
            """
        {"name":"app","scripts":{"start":"node server.js"},"dependencies":{"ms":"2.1.3"}}
        """);
    app.mesh("config", "set", "BP_SHOWN=pAsswOrd-of-nobody", "--no-restart").ok();
    app.mesh("config", "set", "--secret", "HIDDEN=pAsswOrd-of-mine", "--no-restart").ok();
    app.commit("one").push().ok();

    var table = app.mesh("deployments", "sbom").ok();
    assertThat(table.out().lines().findFirst().orElse("")).startsWith("NAME");
    assertThat(table.out()).containsPattern("\nms +2\\.1\\.3 +npm +MIT\n");
    assertThat(table.out()).containsPattern("\nlibc6 +2\\S+ +deb +-");
    var bill = bill(app, 0);
    System.out.println("node: " + purls(bill).size() + " components");
    assertThat(purls(bill))
        .anyMatch(purl -> purl.matches("pkg:deb/debian/libc6@.*distro=debian-13"));

    var image = image(app);
    var repository = image.substring(0, image.indexOf('@'));
    var digest = image.substring(image.indexOf('@') + 1);
    var referrers =
        get(repository, "referrers/" + digest + "?artifactType=" + CYCLONEDX.replace("+", "%2B"));
    assertThat(referrers.path("manifests")).hasSize(1);
    var manifest =
        get(repository, "manifests/" + referrers.path("manifests").path(0).path("digest").asText());
    assertThat(manifest.path("subject").path("digest").asText()).isEqualTo(digest);
    var layer = manifest.path("layers").path(0);
    assertThat(layer.path("mediaType").asText()).isEqualTo(CYCLONEDX);
    assertThat(get(repository, "blobs/" + layer.path("digest").asText())).isEqualTo(bill);

    provenance(app, repository, digest);
    var broken = app.write("package.json", "no json").commit("broken").push();
    assertThat(broken.exitCode()).isNotZero();
    var none = app.mesh("deployments", "sbom", "v1");
    assertThat(none.exitCode()).isEqualTo(50);
    assertThat(none.err()).contains("v1 has no image: it ended before one was built");
    platform.mesh("doctor", "--invariants").ok();
  }

  @Test
  void nobody_need_ask_and_a_kill_just_after_the_build_costs_nothing() throws Exception {
    var app = App.create(platform, platform.environmentOf("kill"), "site");
    app.site("one").commit("one").push().ok();
    var image = image(app);

    platform.kill("control");
    Files.deleteIfExists(tag(image)); // as it is when the kill comes first

    Await.until("the bill is made", Duration.ofMinutes(1), () -> Files.exists(tag(image)));
    Await.until(
        "nothing disagrees",
        Duration.ofMinutes(1),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
    assertThat(purls(bill(app, 0))).anyMatch(purl -> purl.startsWith("pkg:deb/debian/nginx@"));
  }

  @Test
  @Tag("nightly")
  void of_a_dockerfile_and_of_an_image_it_is_read_from_the_layers() throws Exception {
    var app = App.create(platform, platform.environmentOf("docker"), "site");
    app.write("Dockerfile", DOCKERFILE)
        .write("site/kept-2.0.dist-info/METADATA", METADATA.formatted("kept", "2.0"))
        .write("site/gone-1.0.dist-info/METADATA", METADATA.formatted("gone", "1.0"))
        .commit("one")
        .push()
        .ok();
    var built = bill(app, 0);
    assertThat(purls(built))
        .contains("pkg:pypi/kept@2.0")
        .doesNotContain("pkg:pypi/gone@1.0")
        .anyMatch(purl -> purl.startsWith("pkg:deb/debian/python3"));

    var name = registry.host() + "/team/site:1";
    var container = platform.containers(app.stack).getFirst();
    var id = registry.docker("inspect", "--format", "{{.Image}}", container).strip();
    var folder = Files.createDirectories(platform.folder.resolve("labelled"));
    Files.writeString(folder.resolve("Dockerfile"), "FROM " + id + "\nLABEL by=another\n");
    registry.docker("build", "-q", "-t", name, folder.toString());
    var _ = registry.push(name);
    registry.logIn(platform, app.environment, PrivateRegistry.PASSWORD).ok();
    app.mesh("deploy", "--image", name).ok();
    assertThat(purls(bill(app, 1))).isEqualTo(purls(built));
  }
}
