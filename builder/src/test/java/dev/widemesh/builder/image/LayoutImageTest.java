package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.widemesh.api.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class LayoutImageTest {
  private static final String BASE = Sha256.of("base");
  private static final List<String> PLACE = List.of("images", "app");
  private static final byte[] TAR =
      "what a tar holds".repeat(1_000).getBytes(StandardCharsets.UTF_8);

  @TempDir Path root;
  private Path folder;
  private Path tars;

  @BeforeEach
  void make() throws IOException {
    folder = Files.createDirectories(root.resolve("images/app"));
    tars = root.resolve("tars");
    Files.createDirectories(folder.resolve("blobs/sha256"));
  }

  private String put(byte[] content) throws IOException {
    var digest = Sha256.of(content);
    Files.write(blob(digest), content);
    return digest;
  }

  private Path blob(String digest) {
    return folder.resolve("blobs/sha256").resolve(digest.substring(7));
  }

  private static byte[] packed(byte[] content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  private void image(List<String> diffIds, List<String> layers) throws IOException {
    image(diffIds, layers, "application/vnd.oci.image.layer.v1.tar+gzip");
  }

  private void image(List<String> diffIds, List<String> layers, String mediaType)
      throws IOException {
    var config =
        Json.write(
            Map.of(
                "config",
                Map.of("Env", List.of("A=b=c"), "User", "1000", "Labels", Map.of("l", "m")),
                "rootfs",
                Map.of("diff_ids", diffIds)));
    index(config.getBytes(StandardCharsets.UTF_8), layers, mediaType);
  }

  private void index(byte[] config, List<String> layers, String mediaType) throws IOException {
    var described =
        layers.stream().map(digest -> Map.of("digest", digest, "mediaType", mediaType)).toList();
    var manifest = Json.write(Map.of("config", Map.of("digest", put(config)), "layers", described));
    var digest = put(manifest.getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        folder.resolve("index.json"),
        Json.write(Map.of("manifests", List.of(Map.of("digest", digest)))));
  }

  private List<Layer> layers(Set<String> known, long most) throws IOException {
    return LayoutImage.read(root, PLACE).above(List.of(BASE), known, tars, most);
  }

  private void refused(String why) {
    assertThatThrownBy(() -> layers(Set.of(), 1_000_000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }

  @Test
  void what_lies_above_the_run_image_is_unpacked_and_the_rest_is_not_asked_for()
      throws IOException {
    image(List.of(BASE, Sha256.of(TAR)), List.of(Sha256.of("none"), put(packed(TAR))));

    var layers = layers(Set.of(), TAR.length);

    assertThat(layers).hasSize(1);
    assertThat(layers.getFirst().diffId()).isEqualTo(Sha256.of(TAR));
    assertThat(layers.getFirst().tar()).hasBinaryContent(TAR);
    var settings = LayoutImage.read(root, PLACE).settings();
    assertThat(settings.env()).isEqualTo(Map.of("A", "b=c"));
    assertThat(settings.labels()).isEqualTo(Map.of("l", "m"));
  }

  @Test
  void layers_may_be_packed_in_each_way_that_the_standard_knows() throws IOException {
    var ways = Map.of("+gzip", packed(TAR), "+zstd", Zstd.compress(TAR), "", TAR.clone());
    for (var way : ways.entrySet()) {
      var layer = put(way.getValue());
      var mediaType = "application/vnd.oci.image.layer.v1.tar" + way.getKey();
      image(List.of(BASE, Sha256.of(TAR)), List.of(Sha256.of("none"), layer), mediaType);

      assertThat(layers(Set.of(), TAR.length).getFirst().tar()).hasBinaryContent(TAR);
      Files.delete(tars.resolve(Sha256.of(TAR).replace(':', '-') + ".tar"));

      Files.write(blob(layer), "no layer".getBytes(StandardCharsets.UTF_8));
      assertThatThrownBy(() -> layers(Set.of(), TAR.length)).isInstanceOf(IOException.class);
      try (var left = Files.newDirectoryStream(tars)) {
        for (var file : left) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  void only_what_was_pushed_before_may_lack_its_content() throws IOException {
    var gone = Sha256.of("gone");
    image(List.of(BASE, gone), List.of(Sha256.of("none"), Sha256.of("packed")));

    assertThat(layers(Set.of(gone), 0)).extracting(Layer::diffId).containsExactly(gone);
    refused("lacks the content of the layer");
  }

  @Test
  void content_is_what_its_digests_say() throws IOException {
    var other = put(packed("another".getBytes(StandardCharsets.UTF_8)));
    image(List.of(BASE, Sha256.of(TAR)), List.of(Sha256.of("none"), other));
    refused("has another content than that");

    var layer = put(packed(TAR));
    Files.write(blob(layer), packed("another".getBytes(StandardCharsets.UTF_8)));
    image(List.of(BASE, Sha256.of("another")), List.of(Sha256.of("none"), layer));
    refused("has another content than that");
  }

  @Test
  void a_description_that_was_changed_is_not_read() throws IOException {
    image(List.of(BASE), List.of(Sha256.of("none")));
    var index = Json.MAPPER.readTree(folder.resolve("index.json").toFile());
    var manifest = index.path("manifests").get(0).path("digest").asText();
    Files.writeString(blob(manifest), Files.readString(blob(manifest)) + " ");

    refused("has another content than that");
  }

  @Test
  void what_unpacks_to_too_much_ends_there() throws IOException {
    image(List.of(BASE, Sha256.of(TAR)), List.of(Sha256.of("none"), put(packed(TAR))));

    assertThatThrownBy(() -> layers(Set.of(), TAR.length - 1L)).hasMessageContaining("too much");
  }

  @Test
  void no_link_leads_out() throws IOException {
    var outside = Files.write(root.resolve("outside"), packed(TAR));
    var digest = Sha256.of(outside);
    Files.createSymbolicLink(blob(digest), outside);
    image(List.of(BASE, Sha256.of(TAR)), List.of(Sha256.of("none"), digest));
    refused("lacks the content of the layer");

    Files.move(folder, root.resolve("away"));
    Files.createSymbolicLink(folder, root.resolve("away"));
    refused("has no folder app");
  }

  @Test
  void a_digest_is_a_digest() throws IOException {
    image(List.of(BASE, Sha256.of(TAR)), List.of(Sha256.of("none"), "sha256:../../outside"));
    refused("without a SHA-256");

    image(List.of(BASE, "sha256:../../../tars/x"), List.of(Sha256.of("none"), Sha256.of("x")));
    refused("without a SHA-256");
  }

  @Test
  void it_stands_on_the_run_image_and_tells_of_each_layer() throws IOException {
    image(List.of(Sha256.of("another")), List.of(Sha256.of("none")));
    refused("does not stand on the run image");
    image(List.of(BASE, BASE), List.of(Sha256.of("none")));
    refused("has 1 layers and describes 2");
    Files.writeString(folder.resolve("index.json"), "{}");
    refused("holds 0 images");
    Files.writeString(folder.resolve("index.json"), "[");
    refused("no JSON");
    Files.delete(folder.resolve("index.json"));
    refused("no file index.json");
  }
}
