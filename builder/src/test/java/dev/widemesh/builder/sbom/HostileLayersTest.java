package dev.widemesh.builder.sbom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.sbom.Layers.Tar;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Images are made by whoever may push: what is in them says anything.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-10")
@Timeout(120)
class HostileLayersTest {
  private static final String GOOD = "{\"name\":\"good\",\"version\":\"1.0.0\"}";
  private static final String PLACE = "a/node_modules/good/package.json";

  @TempDir private Path folder;

  @Test
  void names_that_lead_out_are_no_names() throws IOException {
    var bill =
        new Layers()
            .add(
                new Tar()
                    .file("../../var/lib/dpkg/status", "Package: evil\nVersion: 1\n")
                    .file("a/../../etc/os-release", "ID=evil\n")
                    .file("../.wh." + "a", "")
                    .file("/" + PLACE, GOOD))
            .bill();
    assertThat(Layers.names(bill)).containsExactly("pkg:npm/good@1.0.0");
  }

  @Test
  void damaged_files_cost_only_themselves_and_are_named() throws IOException {
    var deep = "[".repeat(100_000);
    var bill =
        new Layers()
            .add(
                new Tar()
                    .file("a/node_modules/b/package.json", "{\"name\":")
                    .file("a/node_modules/c/package.json", "{\"x\":" + deep)
                    .file("a/node_modules/d/package.json", "{\"name\":{\"a\":1},\"version\":[]}")
                    .file(
                        "a/node_modules/e/package.json",
                        "{\"name\":\"e\\u001b[2J\",\"version\":\"1\"}")
                    .file(
                        "a/node_modules/f/package.json",
                        "{\"name\":\"" + "f".repeat(1000) + "\",\"version\":\"1\"}")
                    .file("a/node_modules/g/package.json", "x".repeat(1_000_001))
                    .file("a/h.jar", "no archive at all")
                    .file("layers/sbom/launch/x/sbom.cdx.json", "{\"components\":[" + deep)
                    .file(
                        "layers/sbom/launch/y/sbom.cdx.json",
                        "{\"components\":[{\"type\":\"library\",\"name\":\"told\",\"purl\":\"javascript:alert(1)\"}")
                    .file("a/composer/installed.json", "[]")
                    .file(PLACE, GOOD))
            .bill();

    assertThat(Layers.names(bill)).containsExactlyInAnyOrder("pkg:npm/good@1.0.0", "told@", "h@");
    assertThat(Layers.unread(bill))
        .contains(
            "a/node_modules/b/package.json: it is not the JSON that it should be",
            "a/node_modules/c/package.json: it is not the JSON that it should be",
            "a/node_modules/d/package.json: it is not the JSON that it should be",
            "a/node_modules/g/package.json: it is larger than 1,000,000 bytes",
            "a/composer/installed.json: it is no JSON object",
            "layers/sbom/launch/x/sbom.cdx.json: it is not the JSON that it should be");
    assertThat(bill.path("compositions").path(0).path("aggregate").asText())
        .isEqualTo("incomplete");
  }

  @Test
  void a_layer_that_is_no_tar_costs_only_itself() throws IOException {
    var cut = new Tar().file(PLACE, GOOD).file("b", "x".repeat(9000)).bytes();
    var bill =
        new Layers()
            .addRaw("no tar".getBytes(StandardCharsets.UTF_8))
            .addRaw(Layers.packed(java.util.Arrays.copyOf(cut, cut.length - 9000)))
            .bill();
    assertThat(Layers.names(bill)).containsExactly("pkg:npm/good@1.0.0");
    assertThat(Layers.unread(bill)).hasSize(2).allMatch(line -> line.startsWith("layer sha256:"));
  }

  @Test
  void an_archive_that_unpacks_without_end_is_read_no_further() throws IOException {
    var bomb = bomb("META-INF/bomb", 3L << 30);
    assertThat(bomb.length).isLessThan(4_000_000);
    var nested = new LinkedHashMap<String, byte[]>();
    nested.put("lib/bomb-1.0.jar", bomb);
    var start = System.nanoTime();
    var bill =
        new Layers()
            .add(new Tar().file("a/x-2.0.jar", Layers.zip(nested), 0644).file(PLACE, GOOD))
            .bill();
    System.out.println("bomb: " + (System.nanoTime() - start) / 1_000_000 + " ms");

    assertThat(Layers.names(bill)).contains("pkg:npm/good@1.0.0", "x@2.0", "bomb@1.0");
    assertThat(Layers.unread(bill))
        .containsExactly("a/x-2.0.jar: it unpacks to more than 2,147,483,648 bytes");
  }

  /// Half of its entries would do for a platform's memory.
  @Test
  void an_archive_of_endless_names_and_archives_in_archives_is_bounded() throws IOException {
    var inner = Layers.zip(Map.of("a.class", new byte[1]));
    for (var i = 0; i < 30; i++) {
      inner = Layers.zip(Map.of("lib/deeper-" + i + ".jar", inner));
    }
    var many = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(many)) {
      for (var i = 0; i <= 200_000; i++) {
        zip.putNextEntry(new ZipEntry("e" + i));
        zip.closeEntry();
      }
    }
    var bill =
        new Layers()
            .add(
                new Tar()
                    .file("a/deep-1.jar", inner, 0644)
                    .file("a/many-1.jar", many.toByteArray(), 0644))
            .bill();
    assertThat(Layers.names(bill))
        .containsExactlyInAnyOrder("deep@1", "deeper@29", "deeper@28", "many@1");
    assertThat(Layers.unread(bill)).containsExactly("a/many-1.jar: it has more than 200,000 files");
  }

  private static byte[] bomb(String name, long size) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(name));
      var block = new byte[1 << 20];
      for (var written = 0L; written < size; written += block.length) {
        zip.write(block);
      }
      zip.closeEntry();
    }
    return bytes.toByteArray();
  }

  @Test
  void more_packages_than_an_app_has_are_cut_off_and_the_document_stays_small() throws IOException {
    var status = new StringBuilder();
    for (var i = 0; i < 60_000; i++) {
      status.append("Package: p").append(i).append("\nVersion: 9\n\n");
    }
    var layers = new Layers().add(new Tar().file("var/lib/dpkg/status", status.toString()));
    var manifest = layers.manifest();
    var bytes = new ImageReader().bill(Sha256.of(manifest), manifest, layers);

    assertThat(bytes.length).isBetween(6_900_000, 7_100_000);
    assertThat(Layers.unread(dev.widemesh.api.Json.MAPPER.readTree(bytes)))
        .hasSize(2)
        .anyMatch(line -> line.endsWith("only the first 50,000 packages were read"))
        .anyMatch(line -> line.endsWith("more packages: the document would be too large"));
  }

  @Test
  void of_a_line_without_end_only_the_beginning_is_held() throws IOException {
    var endless = "x".repeat(2_000_000);
    var status =
        "Package: %s\nVersion: 1\n\nPackage: a\nVersion: %s\n\nPackage: good\nVersion: 1\nArchitecture: %s\n"
            .formatted(endless, endless, endless);
    var kept = new ArrayList<String>();
    Stanzas.read(
        new ByteArrayInputStream(status.getBytes(StandardCharsets.UTF_8)),
        Set.of("Package", "Version", "Architecture"),
        fields -> kept.addAll(fields.values()));
    assertThat(kept).hasSize(7).allMatch(text -> text.length() <= 2000);
    assertThat(Purl.of("deb", "debian", "x".repeat(301), "1")).isEmpty();

    var bill =
        new Layers()
            .add(
                new Tar()
                    .file("var/lib/dpkg/status", status)
                    .file("lib/apk/db/installed", "P:%s\nV:1\n\nP:small\nV:1\n".formatted(endless)))
            .bill();
    assertThat(Layers.names(bill))
        .containsExactlyInAnyOrder("pkg:deb/debian/good@1", "pkg:apk/alpine/small@1");
  }

  @Test
  void a_package_that_says_more_than_packages_do_is_held_without_that() throws IOException {
    var values = "[],".repeat(1_000_000);
    var item = "{\"type\":\"library\",\"name\":\"%s\",\"version\":\"1\",\"%s\":[%s{}]}";
    try (var json =
        Fields.parser(
            new ByteArrayInputStream(
                item.formatted("a", "licenses", values).getBytes(StandardCharsets.UTF_8)))) {
      json.nextToken();
      var held = Fields.read(json, BuildpackBill.Item.class);
      assertThat(held.name()).isEqualTo("a");
      assertThat(held.licenses()).isEmpty();
      assertThat(json.nextToken()).as("all was read").isNull();
    }
    var place = "layers/sbom/launch/";
    var bill =
        new Layers()
            .add(
                new Tar()
                    .file(
                        place + "a/sbom.cdx.json",
                        "{\"components\":[%s,{\"type\":\"library\",\"name\":\"b\",\"licenses\":[{\"expression\":\"MIT\"}]}]}"
                            .formatted(item.formatted("a", "licenses", values)))
                    .file(
                        place + "c/sbom.spdx.json",
                        "{\"packages\":[%s]}"
                            .formatted(item.formatted("c", "externalRefs", values)))
                    .file(
                        "e/composer/installed.json",
                        "{\"packages\":[{\"name\":\"e/e\",\"version\":\"1\",\"license\":[%s\"MIT\"]}]}"
                            .formatted("\"a\",".repeat(1_000_000))))
            .bill();
    assertThat(Layers.names(bill))
        .containsExactlyInAnyOrder("a@1", "b@", "c@", "pkg:composer/e/e@1");
  }

  private static LayerContents contents(Tar layer) throws IOException {
    var bytes = layer.bytes();
    var deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    return LayerReading.of(() -> new ByteArrayInputStream(bytes), Sha256.of(bytes), deadline);
  }

  private static final String FULL =
      "only the first 8,000,000 characters of what it says were kept";

  @Test
  void packages_count_with_all_that_they_say() throws IOException {
    var status = new StringBuilder();
    for (var i = 0; i < 20_000; i++) {
      status.append("Package: p%d%s\nVersion: 1\n\n".formatted(i, "x".repeat(280)));
    }
    var contents = contents(new Tar().file("var/lib/dpkg/status", status.toString()));
    assertThat(contents.weight()).isBetween(LayerContents.MOST - 1000, LayerContents.MOST + 1000);
    assertThat(contents.unread()).containsEntry("", FULL);
  }

  @Test
  void a_layer_that_unpacks_for_too_long_is_given_up() throws IOException {
    var file = folder.resolve("layer");
    try (var gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
      gzip.write(new Tar().file(PLACE, GOOD).bytes());
    }
    var digest = Sha256.of(file);
    assertThatThrownBy(
            () -> LayerReading.of(() -> Files.newInputStream(file), digest, System.nanoTime() - 1))
        .hasMessage("reading what is in the image takes too long");
  }
}
