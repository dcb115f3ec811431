package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Survey;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ImageCheckTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir private Path folder;
  private RunningRegistry running;
  private List<String> images;

  @BeforeEach
  void push() throws IOException {
    running = RunningRegistry.in(folder.resolve("registry"));
    var exporter = running.exporter(folder.resolve("cache"));
    images = new ArrayList<>();
    for (var name : List.of("apps/one", "apps/two", "apps/three")) {
      images.add(RunningRegistry.push(exporter, name, folder));
    }
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private Survey.Images check(SigningKey key, Duration atMost, List<String> asked) {
    return new ImageCheck(running.registry(), key.verifying(), _ -> List.of(), atMost).of(asked);
  }

  @Test
  void it_looks_at_what_it_has_time_for_and_always_at_one() {
    assertThat(check(RunningRegistry.KEY, LONG, images)).isEqualTo(whole(3));
    assertThat(check(RunningRegistry.KEY, Duration.ZERO, images)).isEqualTo(whole(1));
    assertThat(check(RunningRegistry.KEY, Duration.ZERO, List.of())).isEqualTo(whole(0));
  }

  private static Survey.Images whole(int looked) {
    return new Survey.Images(looked, List.of());
  }

  @Test
  void it_says_what_each_image_lacks_and_goes_on_after_one_that_cannot_be_read() throws Exception {
    Files.delete(link("apps/one"));
    Files.writeString(manifest(1), "no longer " + Files.readString(manifest(1)));
    var unknown = List.of("nonsense", "apps/one@sha256:short");
    var asked = new ArrayList<>(images);
    asked.addAll(1, unknown);

    var found = check(RunningRegistry.KEY, LONG, asked);

    assertThat(found.looked()).isEqualTo(5);
    assertThat(found.damages())
        .containsExactly(
            new Survey.Damage(images.get(0), "the platform's signature of " + images.get(0)),
            new Survey.Damage(unknown.get(0), "an image named 'nonsense'"),
            new Survey.Damage(unknown.get(1), "an image named 'apps/one@sha256:short'"),
            new Survey.Damage(images.get(1), "a readable manifest " + images.get(1)));
  }

  @Test
  void what_another_key_signed_lacks_its_signature() {
    assertThat(check(SigningKey.generate(), LONG, images).damages())
        .extracting(Survey.Damage::lacks)
        .allMatch(lacks -> lacks.startsWith("the platform's signature of apps/"))
        .hasSize(3);
  }

  /// The tag of its signature.
  private Path link(String repository) throws IOException {
    var tags = folder.resolve("registry/repositories").resolve(repository).resolve("_tags");
    try (var all = Files.list(tags)) {
      return all.findFirst().orElseThrow();
    }
  }

  private Path manifest(int image) {
    var digest = images.get(image).replaceFirst(".*@", "");
    return folder.resolve("registry/blobs").resolve(digest.replace(':', '/'));
  }
}
