package dev.widemesh.builder.sbom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.Zstd;
import dev.widemesh.builder.sbom.Layers.Tar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-10")
class ImageReaderTest {
  private static final String DPKG =
      """
      Package: libc6
      Status: install ok installed
      Architecture: amd64
      Version: 2.41-12

      Package: gone
      Status: deinstall ok config-files
      Version: 1

      Package: tzdata
      Status: install ok installed
      Architecture: all
      Version: 1:2025b-4
      Description: zones
       Package: not-a-package
      """;

  private static String names(Tar... layers) throws IOException {
    var all = new Layers();
    for (var layer : layers) {
      all.add(layer);
    }
    return String.join("\n", Layers.names(all.bill()));
  }

  @Test
  void packages_of_a_distribution_bear_its_name() throws IOException {
    var debian = new Tar().file("etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n");
    assertThat(names(debian, new Tar().file("./var/lib/dpkg/status", DPKG)))
        .isEqualTo(
            """
            debian@13
            pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13
            pkg:deb/debian/tzdata@1:2025b-4?arch=all&distro=debian-13""");
    assertThat(
            names(
                new Tar()
                    .file("usr/lib/os-release", "ID=alpine\nVERSION_ID=3.22.1\n")
                    .file(
                        "lib/apk/db/installed",
                        "P:musl\nV:1.2.5-r10\nA:x86_64\nL:MIT\n\nP:zlib\n")))
        .contains("pkg:apk/alpine/musl@1.2.5-r10?arch=x86_64&distro=alpine-3.22.1")
        .contains("pkg:apk/alpine/zlib?distro=alpine-3.22.1");
    // Images without dpkg itself.
    assertThat(names(new Tar().file("var/lib/dpkg/status.d/base", "Package: base\nVersion: 12\n")))
        .isEqualTo("pkg:deb/debian/base@12");
  }

  @Test
  void packages_of_languages_are_found_where_their_tools_put_them() throws IOException {
    var found =
        names(
            new Tar()
                .file(
                    "workspace/node_modules/ms/package.json",
                    "{\"name\":\"ms\",\"version\":\"2.1.3\",\"license\":\"MIT\"}")
                .file(
                    "a/node_modules/.pnpm/x@1/node_modules/@scope/x/package.json",
                    "{\"name\":\"@scope/x\",\"version\":\"1.0.0\",\"license\":{\"type\":\"ISC\"}}")
                .file("workspace/package.json", "{\"name\":\"app\",\"version\":\"9\"}")
                .file(
                    "workspace/node_modules/ms/lib/package.json",
                    "{\"name\":\"no\",\"version\":\"1\"}")
                .file(
                    "n/include/node/node_version.h",
                    "#define NODE_MAJOR_VERSION 22\n#define NODE_MINOR_VERSION 3\n#define NODE_PATCH_VERSION 1\n")
                .file(
                    "p/site-packages/Flask_Login-0.6.dist-info/METADATA",
                    "Metadata-Version: 2.1\nName: Flask_Login\nVersion: 0.6\nLicense: MIT\n\nName: other\nVersion: 1\n")
                .file("g/specifications/rack-3.1.2.gemspec", "anything")
                .file("g/specifications/nokogiri-1.18.0-x86_64-linux-gnu.gemspec", "anything")
                .file(
                    "w/vendor/composer/installed.json",
                    "{\"dev\":false,\"packages\":[{\"name\":\"monolog/monolog\",\"version\":\"v3.9.0\",\"license\":[\"MIT\"]}]}")
                .file("j/release", "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_VERSION=\"25.0.1\"\n"));

    assertThat(found.split("\n"))
        .containsExactlyInAnyOrder(
            "pkg:npm/ms@2.1.3",
            "pkg:npm/%40scope/x@1.0.0",
            "pkg:generic/node@22.3.1",
            "pkg:pypi/flask-login@0.6",
            "pkg:gem/rack@3.1.2",
            "pkg:gem/nokogiri@1.18.0",
            "pkg:composer/monolog/monolog@3.9.0",
            "pkg:generic/java@25.0.1");
  }

  @Test
  void archives_of_java_tell_their_own_and_what_is_in_them() throws IOException {
    var inner =
        Layers.zip(
            Map.of(
                "META-INF/maven/org.slf4j/slf4j-api/pom.properties",
                bytes("groupId=org.slf4j\nartifactId=slf4j-api\nversion=2.0.17\n")));
    var entries = new LinkedHashMap<String, byte[]>();
    entries.put(
        "META-INF/MANIFEST.MF",
        bytes("Manifest-Version: 1.0\r\nImplementation-Version: 7\r\n\r\n"));
    entries.put("BOOT-INF/lib/slf4j-api-2.0.17.jar", inner);
    entries.put("BOOT-INF/lib/no-pom-1.4.jar", Layers.zip(Map.of("A.class", new byte[9])));
    entries.put(
        "BOOT-INF/lib/plain.jar",
        Layers.zip(
            Map.of(
                "META-INF/MANIFEST.MF",
                bytes(
                    "Manifest-Version: 1.0\r\nImplementation-Version: 3.1\r\nImplementation-Vendor-Id: com.acme\r\n\r\n"))));

    assertThat(names(new Tar().file("workspace/app.jar", Layers.zip(entries), 0644)).split("\n"))
        .containsExactlyInAnyOrder(
            "app@7",
            "pkg:maven/org.slf4j/slf4j-api@2.0.17",
            "no-pom@1.4",
            "pkg:maven/com.acme/plain@3.1");
  }

  @Test
  void a_program_of_go_names_its_modules() throws IOException {
    assertThat(names(new Tar().file("app", goProgram(), 0755)).split("\n"))
        .containsExactly(
            "pkg:golang/github.com/fork/mux@v1.8.2",
            "pkg:golang/golang.org/x/net@v0.40.0",
            "pkg:golang/stdlib@1.24.3");
    // What nobody can run is not looked into.
    assertThat(names(new Tar().file("app", goProgram(), 0644))).isEmpty();
  }

  /// As the linker lays it out, after the same letters among a program's own texts.
  private static byte[] goProgram() throws IOException {
    var program = new ByteArrayOutputStream();
    program.write(new byte[] {0x7f, 'E', 'L', 'F'});
    program.write(new byte[28]);
    program.write("\u00ff Go buildinf:".getBytes(StandardCharsets.ISO_8859_1));
    program.write(new byte[2 + 16 + 70_000 / 16 * 16]);
    program.write("\u00ff Go buildinf:".getBytes(StandardCharsets.ISO_8859_1));
    program.write(new byte[] {8, 2});
    program.write(new byte[16]);
    text(program, "go1.24.3 X:none");
    text(
        program,
        """
        0123456789abcdefpath\tacme
        mod\tacme\t(devel)\t
        dep\tgithub.com/gorilla/mux\tv1.8.1\th1:x=
        =>\tgithub.com/fork/mux\tv1.8.2\th1:y=
        dep\tgolang.org/x/net\tv0.40.0\th1:z=
        build\tCGO_ENABLED=0
        0123456789abcdef""");
    return program.toByteArray();
  }

  private static void text(ByteArrayOutputStream into, String text) throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    for (var left = bytes.length; ; left >>= 7) {
      into.write(left < 0x80 ? left : (left & 0x7f) | 0x80);
      if (left < 0x80) {
        break;
      }
    }
    into.write(bytes);
  }

  @Test
  void a_bill_of_a_buildpack_counts_in_the_best_format_that_it_left() throws IOException {
    var place = "layers/sbom/launch/acme_java/jre/sbom.";
    var cdx =
        "{\"bomFormat\":\"CycloneDX\",\"components\":[{\"type\":\"library\",\"name\":\"jre\",\"version\":\"21\",\"purl\":\"pkg:generic/jre@21\",\"licenses\":[{\"license\":{\"id\":\"GPL-2.0\"}}]},{\"type\":\"file\",\"name\":\"a.txt\"}]}";
    var syft =
        "{\"artifacts\":[{\"name\":\"other\",\"version\":\"1\",\"purl\":\"pkg:generic/other@1\"}]}";
    var spdx =
        "{\"packages\":[{\"name\":\"told\",\"versionInfo\":\"5\",\"licenseConcluded\":\"MIT\",\"externalRefs\":[{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:generic/told@5\"}]}]}";

    var both = new Tar().file(place + "cdx.json", cdx).file(place + "syft.json", syft);
    assertThat(names(both)).isEqualTo("pkg:generic/jre@21");
    assertThat(names(new Tar().file(place + "spdx.json", spdx).file(place + "syft.json", syft)))
        .isEqualTo("pkg:generic/told@5");
    assertThat(names(new Tar().file(place + "syft.json", syft))).isEqualTo("pkg:generic/other@1");
  }

  @Test
  void a_lock_file_counts_only_where_packages_were_bundled() throws IOException {
    var lock =
        "{\"name\":\"app\",\"packages\":{\"\":{\"version\":\"1.0.0\"},\"node_modules/react\":{\"version\":\"19.0.0\"},"
            + "\"node_modules/vite\":{\"version\":\"7.0.0\",\"dev\":true},\"node_modules/a/node_modules/@b/c\":{\"version\":\"2.0.0\"}}}";
    var bundled = new Tar().file("workspace/package-lock.json", lock);
    assertThat(names(bundled)).isEqualTo("pkg:npm/%40b/c@2.0.0\npkg:npm/react@19.0.0");
    assertThat(
            names(
                new Tar().file("workspace/package-lock.json", lock),
                new Tar()
                    .file(
                        "workspace/node_modules/ms/package.json",
                        "{\"name\":\"ms\",\"version\":\"2.1.3\"}")))
        .isEqualTo("pkg:npm/ms@2.1.3");
  }

  @Test
  void what_an_upper_layer_hides_is_not_in_the_image() throws IOException {
    var lower =
        new Tar()
            .file("a/node_modules/x/package.json", "{\"name\":\"x\",\"version\":\"1.0.0\"}")
            .file("a/node_modules/y/package.json", "{\"name\":\"y\",\"version\":\"1.0.0\"}")
            .file("a/node_modules/z/package.json", "{\"name\":\"z\",\"version\":\"1.0.0\"}")
            .file("b/node_modules/v/package.json", "{\"name\":\"v\",\"version\":\"1.0.0\"}")
            .file("c/node_modules/w/package.json", "{\"name\":\"w\",\"version\":\"1.0.0\"}")
            .file("c/node_modules/w2/package.json", "{\"name\":\"w2\",\"version\":\"1.0.0\"}");
    var upper =
        new Tar()
            .file("a/node_modules/x/package.json", "{\"name\":\"x\",\"version\":\"2.0.0\"}")
            .file("a/node_modules/.wh.y", "")
            .file("b/.wh..wh..opq", "")
            .file("b/node_modules/u/package.json", "{\"name\":\"u\",\"version\":\"1.0.0\"}")
            .link("a/node_modules/z/package.json", "elsewhere", TarArchive.SYMLINK)
            .file("c/node_modules/w/.wh.package.json", "");

    assertThat(names(lower, upper)).isEqualTo("pkg:npm/u@1.0.0\npkg:npm/w2@1.0.0\npkg:npm/x@2.0.0");
  }

  @Test
  void a_hard_link_says_what_its_file_says() throws IOException {
    var layer =
        new Tar()
            .file("store/v10/aa", "{\"name\":\"stored\",\"version\":\"1.0.0\"}")
            .link("app/node_modules/stored/package.json", "store/v10/aa", TarArchive.LINK);
    assertThat(names(layer)).isEqualTo("pkg:npm/stored@1.0.0");
  }

  @Test
  void the_same_image_gives_the_same_bytes_and_layers_are_read_once() throws IOException {
    var layers =
        new Layers()
            .add(
                new Tar()
                    .file("etc/os-release", "ID=debian\nVERSION_ID=13\n")
                    .file("var/lib/dpkg/status", DPKG))
            .addRaw(
                Zstd.compress(
                    new Tar()
                        .file(
                            "a/node_modules/x/package.json",
                            "{\"name\":\"x\",\"version\":\"1.0.0\",\"license\":\"MIT OR (Apache-2.0)\"}")
                        .bytes()));
    var reader = new ImageReader();
    var manifest = layers.manifest();
    var digest = dev.widemesh.builder.image.Sha256.of(manifest);

    var once = reader.bill(digest, manifest, layers);
    assertThat(layers.opened).isEqualTo(2);
    assertThat(reader.bill(digest, manifest, layers)).isEqualTo(once);
    assertThat(layers.opened).isEqualTo(2);
    assertThat(new ImageReader().bill(digest, manifest, layers)).isEqualTo(once);

    var bill = dev.widemesh.api.Json.MAPPER.readTree(once);
    assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(bill.path("serialNumber").asText())
        .matches("urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    assertThat(bill.path("metadata").path("component").path("name").asText()).isEqualTo(digest);
    JsonNode x = bill.path("components").path(3);
    assertThat(x.path("licenses").path(0).path("expression").asText())
        .isEqualTo("MIT OR (Apache-2.0)");
    assertThat(x.path("evidence").path("occurrences").path(0).path("location").asText())
        .isEqualTo("/a/node_modules/x/package.json");
    assertThat(bill.path("compositions").path(0).path("aggregate").asText()).isEqualTo("unknown");
  }

  @Test
  void a_layer_that_is_another_one_than_its_digest_says_gives_nothing() throws IOException {
    var layers = new Layers().add(new Tar().file("a", "b"));
    var other = Layers.packed(new Tar().file("a", "c").bytes());
    var manifest = layers.manifest();
    assertThatThrownBy(
            () ->
                new ImageReader()
                    .bill("sha256:1", manifest, _ -> new java.io.ByteArrayInputStream(other)))
        .hasMessageContaining("something else for the layer");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// Types of entries.
  private static final class TarArchive {
    static final byte LINK = '1';
    static final byte SYMLINK = '2';
  }
}
