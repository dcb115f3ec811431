package dev.widemesh.builder.sbom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.sbom.Layers.LongTar;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
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
  private static final String UNFIT =
      "packages whose name, group or version is none, or longer than 300 characters: ";
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
            "a/node_modules/e/package.json: " + UNFIT + "1",
            "a/node_modules/f/package.json: " + UNFIT + "1",
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
    var packed = zeros(size);
    var entry = new ZipArchiveEntry(name);
    entry.setMethod(ZipEntry.DEFLATED);
    entry.setSize(size);
    entry.setCompressedSize(packed.length);
    entry.setCrc(0); // nobody should get so far
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipArchiveOutputStream(bytes)) {
      zip.addRawArchiveEntry(entry, new ByteArrayInputStream(packed));
    }
    return bytes.toByteArray();
  }

  /// So many zeros, deflated: the same piece again and again, for packing all takes longer than the
  /// test.
  private static byte[] zeros(long size) throws IOException {
    var block = new byte[1 << 24];
    var piece = new byte[1 << 16];
    var length = 0;
    try (var deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
      deflater.setInput(block);
      length = deflater.deflate(piece, 0, piece.length, Deflater.SYNC_FLUSH);
    }
    assertThat(length).isLessThan(piece.length);
    var all = new ByteArrayOutputStream();
    for (var written = 0L; written < size; written += block.length) {
      all.write(piece, 0, length);
    }
    all.write(new byte[] {3, 0}); // the last block, of nothing
    return all.toByteArray();
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
    assertThat(Layers.unread(Json.MAPPER.readTree(bytes)))
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
    assertThat(Layers.unread(bill))
        .containsExactly(
            "lib/apk/db/installed: " + UNFIT + "1", "var/lib/dpkg/status: " + UNFIT + "2");
  }

  /// Cut, it would be the name of another one; and nobody may take the list for whole.
  @Test
  void a_jsonwith_a_name_or_version_that_is_too_long_is_left_out_and_that_is_said()
      throws IOException {
    var longName = "x".repeat(301);
    var item = "{\"type\":\"library\",\"name\":\"%s\",\"version\":\"%s\",\"group\":\"%s\"}";
    var place = "layers/sbom/launch/a/sbom.cdx.json";
    var bill =
        new Layers()
            .add(
                new Tar()
                    .file(
                        place,
                        "{\"components\":[%s,%s,%s,%s,%s],"
                            .formatted(
                                item.formatted(longName, "1", ""),
                                item.formatted("b", longName, ""),
                                item.formatted("c", "1", longName),
                                item.formatted("x".repeat(200_000), "1", ""),
                                item.formatted("good", "1", "")))
                    .file(
                        "w/vendor/composer/installed.json",
                        "{\"packages\":[{\"name\":\"e/%s\",\"version\":\"1\"}]}"
                            .formatted(longName))
                    .file("g/specifications/%s-1.gemspec".formatted(longName), "")
                    .file(
                        "j/%s.jar".formatted(longName), Layers.zip(Map.of("A", new byte[1])), 0644)
                    .file(
                        "package-lock.json",
                        "{\"packages\":{\"node_modules/%s\":{\"version\":\"1\"}}}"
                            .formatted(longName)))
            .bill();

    assertThat(Layers.names(bill)).containsExactly("good@1");
    assertThat(Layers.unread(bill))
        .containsExactly(
            "g/specifications/%s-1.gemspec: %s1".formatted(longName, UNFIT),
            "j/%s.jar: %s1".formatted(longName, UNFIT),
            place + ": it is not the JSON that it should be; " + UNFIT + "4",
            "package-lock.json: " + UNFIT + "1",
            "w/vendor/composer/installed.json: " + UNFIT + "1");
    assertThat(bill.path("compositions").path(0).path("aggregate").asText())
        .isEqualTo("incomplete");
  }

  @Test
  void of_a_licence_that_is_a_whole_text_the_beginning_is_shown() throws IOException {
    var text = "Permission is hereby granted, free of charge, ";
    var json = "{\"name\":\"%s\",\"version\":\"1\",\"license\":\"%s\"}";
    var bill =
        new Layers()
            .add(
                new Tar()
                    .file("a/node_modules/a/package.json", json.formatted("a", text.repeat(20)))
                    .file("a/node_modules/b/package.json", json.formatted("b", "a\\nb\\u001b[2J"))
                    .file("a/node_modules/c/package.json", json.formatted("c", "x".repeat(300))))
            .bill();
    assertThat(licences(bill))
        .containsExactly(text.repeat(20).substring(0, 299) + "…", "a b [2J", "x".repeat(300));
    assertThat(bill.path("compositions").path(0).path("aggregate").asText()).isEqualTo("unknown");
  }

  private static List<String> licences(JsonNode bill) {
    var all = new ArrayList<String>();
    for (var component : bill.path("components")) {
      for (var each : component.path("licenses")) {
        all.add(each.path("expression").asText(each.path("license").path("name").asText()));
      }
    }
    return all;
  }

  @Test
  void a_jsonthat_says_more_than_packages_do_is_held_without_that() throws IOException {
    var values = "[],".repeat(1_000_000);
    var item = "{\"type\":\"library\",\"name\":\"%s\",\"version\":\"1\",\"%s\":[%s{}]}";
    try (var json =
        Fields.parser(
            new ByteArrayInputStream(
                item.formatted("a", "licenses", values).getBytes(StandardCharsets.UTF_8)))) {
      json.nextToken();
      var held = Fields.read(json, BuildpackBill.Item.class);
      assertThat(held.name()).isEqualTo("a");
      assertThat(held.licenses()).extracting(JsonNode::asText).containsExactly("…");
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
    assertThat(licences(bill)).containsExactlyInAnyOrder("…", "MIT", "…");
  }

  private static LayerContents contents(Tar layer) throws IOException {
    return contents(layer.bytes());
  }

  private static LayerContents contents(byte[] bytes) throws IOException {
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

  /// Of 4,000 characters each.
  private static String deep(String top, int number) {
    var start = "%s/%05d/".formatted(top, number);
    return start + ("y".repeat(199) + "/").repeat(19) + "z".repeat(200 - start.length());
  }

  /// Links that lead nowhere: files in their places would be read.
  private static LongTar paths(LongTar tar, String top, int count) {
    for (var i = 0; i < count; i++) {
      tar.link(deep(top, i) + "/a.jar", "nowhere", '2');
    }
    return tar;
  }

  @Test
  void paths_count_with_their_letters() throws IOException {
    var before = new LongTar().file(PLACE, GOOD);
    var contents = contents(paths(before, "a", 2_500).file("b/" + PLACE, GOOD).bytes());

    assertThat(contents.found().size()).isBetween(1_960, 1_980);
    assertThat(contents.weight()).isBetween(LayerContents.MOST - 5_000, LayerContents.MOST);
    assertThat(contents.unread()).containsExactly(Map.entry("", FULL));
    assertThat(contents.found()).containsKey(PLACE).doesNotContainKey("b/" + PLACE);
  }

  @Test
  void hard_links_count_with_the_files_that_they_are() throws IOException {
    var tar = new LongTar().file(PLACE, GOOD);
    for (var i = 0; i < 1_500; i++) {
      tar.link(deep("a", i) + "/a.jar", deep("b", i), '1');
    }
    var contents = contents(tar.bytes());

    assertThat(contents.found().size()).isBetween(980, 990);
    assertThat(contents.unread()).containsExactly(Map.entry("", FULL));
    assertThat(contents.found().get(PLACE)).hasSize(1);
  }

  @Test
  void what_is_removed_counts_as_well() throws IOException {
    var tar = new LongTar();
    for (var i = 0; i < 1_250; i++) {
      tar.file(deep("a", i) + "/.wh.b", "").file(deep("b", i) + "/.wh..wh..opq", "");
    }
    var contents = contents(tar.bytes());

    assertThat(contents.removed().size() + contents.emptied().size()).isBetween(1_960, 1_980);
    assertThat(contents.weight()).isBetween(LayerContents.MOST - 25_000, LayerContents.MOST);
    assertThat(contents.unread()).containsExactly(Map.entry("", FULL));
  }

  @Test
  void of_an_image_so_much_is_held_as_of_a_layer_and_what_is_hidden_does_not_count()
      throws IOException {
    var first = Layers.packed(paths(new LongTar().file(PLACE, GOOD), "a", 1_200).bytes());
    var same = Layers.packed(paths(new LongTar(), "a", 1_200).bytes());
    var other = "a/node_modules/other/package.json";
    var said = "{\"name\":\"other\",\"version\":\"1.0.0\"}";
    var beyond = Layers.packed(paths(new LongTar().file(other, said), "b", 1_200).bytes());
    var last = Layers.packed(new LongTar().file(other, said).bytes());
    var layers = new Layers().addRaw(first).addRaw(same).addRaw(beyond).addRaw(last);
    var bill = layers.bill();

    assertThat(Layers.names(bill)).containsExactly("pkg:npm/good@1.0.0");
    assertThat(layers.opened).as("the last is not even read").isEqualTo(3);
    assertThat(Layers.unread(bill))
        .containsExactly(
            "layer %s: it and those above it are not read: the image says more than 8,000,000 characters"
                .formatted(Sha256.of(beyond)));
    assertThat(bill.path("compositions").path(0).path("aggregate").asText())
        .isEqualTo("incomplete");
  }

  @Test
  void what_is_remembered_of_layers_is_bounded() throws IOException {
    var reader = new ImageReader();
    for (var top : List.of("a", "b", "c", "d")) {
      var layer = Layers.packed(paths(new LongTar(), top, 1_200).bytes());
      new Layers().addRaw(layer).bill(reader);
      assertThat(reader.remembered()).isBetween(4_000_000L, 2 * LayerContents.MOST);
    }
    assertThat(reader.remembered()).isGreaterThan(LayerContents.MOST);
  }

  /// Letters that JSON writes as six each, in all that cannot be read, beside all the packages that
  /// there is room for.
  @Test
  void the_document_stays_small_whatever_cannot_be_read() throws IOException {
    var status = new StringBuilder();
    for (var i = 0; i < 50_000; i++) {
      status.append("Package: p").append(i).append("\nVersion: 9\n\n");
    }
    var tar = new LongTar().file("var/lib/dpkg/status", status.toString());
    for (var i = 0; i < 200; i++) {
      tar.file(deep("a", i).replace('y', '\1') + "/node_modules/a/package.json", "{");
    }
    var layers = new Layers().addRaw(Layers.packed(tar.bytes()));
    var manifest = layers.manifest();
    var bytes = new ImageReader().bill(Sha256.of(manifest), manifest, layers);

    assertThat(bytes.length).isBetween(7_400_000, 7_600_000);
    assertThat(Layers.unread(Json.MAPPER.readTree(bytes)))
        .anyMatch(line -> line.matches("1\\d\\d more files"))
        .anyMatch(line -> line.endsWith("more packages: the document would be too large"));
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
