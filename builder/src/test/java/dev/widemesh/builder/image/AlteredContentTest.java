package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.Json;
import dev.widemesh.api.SignatureManifest;
import dev.widemesh.api.WrongContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whoever can write to the registry's files, but has no key.
@DisplayNameGeneration(ReplaceUnderscores.class)
class AlteredContentTest {
  @TempDir private Path folder;
  private RunningRegistry registry;
  private ImageExporter exporter;
  private String base;

  @BeforeEach
  void push() throws IOException {
    registry = RunningRegistry.in(folder.resolve("registry"));
    exporter = registry.exporter(folder.resolve("cache"));
    base = exporter.push(recipe("widemesh/run", Optional.empty())).reference();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private ImageRecipe recipe(String repository, Optional<String> below) throws IOException {
    var layer =
        LayerTar.named("one")
            .file("of", repository.getBytes(StandardCharsets.UTF_8), 0644, Owner.ROOT)
            .write(folder.resolve("layers"));
    var settings =
        new ImageRecipe.Settings(
            Map.of("WHO", "us"), Map.of(), "0:0", "/", List.of(), List.of(), Set.of());
    return new ImageRecipe(repository, below, List.of(layer), settings);
  }

  @Test
  void an_image_whose_configuration_was_altered_is_not_built_on() throws IOException {
    alter(configuration(), "WHO=us", "WHO=me");

    assertThatThrownBy(() -> exporter.inspect(base)).isInstanceOf(WrongContent.class);
    assertThatThrownBy(() -> exporter.push(recipe("apps/one", Optional.of(base))))
        .isInstanceOf(WrongContent.class)
        .hasMessageContaining("is not that");

    alter(configuration(), "WHO=me", "WHO=us");
    assertThatCode(() -> exporter.inspect(base)).doesNotThrowAnyException();
  }

  @Test
  void an_image_whose_manifest_was_altered_is_neither_built_on_nor_signed() throws IOException {
    var manifest = digest(base);
    var other = exporter.push(recipe("widemesh/build", Optional.empty())).reference();
    alter(manifest, configuration(), configuration(digest(other)));

    assertThatThrownBy(() -> exporter.inspect(base)).isInstanceOf(WrongContent.class);
    assertThatThrownBy(() -> exporter.sign(base)).isInstanceOf(WrongContent.class);
  }

  @Test
  void a_payload_of_another_hash_is_no_signature() throws IOException {
    assertThat(exporter.isSigned(base)).isTrue();
    var tag = folder.resolve("registry/repositories/widemesh/run/_tags");
    var signature = Files.readString(tag.resolve(SignatureManifest.tag(digest(base))));
    var payload = Json.MAPPER.readTree(text(signature)).at("/layers/0/digest").asText();

    Files.writeString(file(payload), text(payload) + " ".repeat(1_000_000));

    assertThat(exporter.isSigned(base)).isFalse();
  }

  private String configuration() throws IOException {
    return configuration(digest(base));
  }

  private String configuration(String manifest) throws IOException {
    return Json.MAPPER.readTree(text(manifest)).at("/config/digest").asText();
  }

  private static String digest(String reference) {
    return reference.substring(reference.indexOf('@') + 1);
  }

  private Path file(String digest) {
    return folder.resolve("registry/blobs").resolve(digest.strip().replace(':', '/'));
  }

  private String text(String digest) throws IOException {
    return Files.readString(file(digest));
  }

  private void alter(String digest, String what, String into) throws IOException {
    var before = text(digest);
    assertThat(before).contains(what);
    Files.writeString(file(digest), before.replace(what, into));
  }
}
