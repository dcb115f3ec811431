package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the layers that are kept take of the disk.
@DisplayNameGeneration(ReplaceUnderscores.class)
class ExportPhaseTest {
  private static final long SIZE = 100_000;
  private static final long FOLDER = 4_096;

  @TempDir private Path folder;
  private WorkFolders work;
  private LayerCache cache;

  @BeforeEach
  void open() throws IOException {
    work = WorkFolders.create(folder.resolve("work"));
    cache = new LayerCache(folder.resolve("cache"));
  }

  private Path layer(String name) throws IOException {
    return Files.createDirectories(work.layers().resolve("test_one").resolve(name));
  }

  /// What the layers of these names have.
  private CacheIndex kept(Map<String, Object> metadata, String... names) throws Exception {
    var layers =
        List.of(names).stream()
            .map(
                name ->
                    new BuiltLayer(
                        LayerCacheTest.OWN,
                        name,
                        work.layers().resolve("test_one").resolve(name),
                        true,
                        false,
                        true,
                        false,
                        metadata))
            .toList();
    var left =
        List.of(
            new Contribution(
                LayerCacheTest.OWN,
                layers,
                List.of(),
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                List.of()));
    var finished = new ExportPhase(work, CacheIndex.EMPTY, _ -> false).finish(left, true);
    var bytes = ExportPhase.bytes(finished, left);
    cache.commit(ExportPhase.keep(cache, finished, left));
    assertThat(cache.index().bytes()).isEqualTo(bytes);
    return cache.index();
  }

  private void linked(String from, String to) throws IOException {
    var file = Files.write(layer(from).resolve("file"), new byte[(int) SIZE]);
    Files.createLink(layer(to).resolve("file"), file);
    Files.createLink(layer(to).resolve("again"), file);
  }

  @Test
  void a_file_with_several_names_takes_it_once_in_all_layers_together() throws Exception {
    linked("one", "two");

    var index = kept(Map.of(), "one", "two");

    assertThat(index.bytes()).isEqualTo(SIZE + 2 * FOLDER);
    var one = index.without(kept -> kept.layer().equals("two"));
    assertThat(one.bytes()).as("alone").isEqualTo(SIZE + FOLDER);
    var two = index.without(kept -> kept.layer().equals("one"));
    assertThat(two.bytes()).as("no more than it was").isEqualTo(SIZE + 2 * FOLDER);
  }

  @Test
  void what_every_build_gets_as_a_copy_takes_it_with_each_name() throws Exception {
    linked("one", "two");
    assertThat(kept(Map.of("written-in-place", true), "one", "two").bytes())
        .isEqualTo(3 * SIZE + 2 * FOLDER);

    var settings = Files.createDirectory(layer("three").resolve("env"));
    Files.write(settings.resolve("ONE"), new byte[(int) SIZE]);
    Files.createLink(settings.resolve("TWO"), settings.resolve("ONE"));
    assertThat(kept(Map.of(), "three").bytes()).isEqualTo(2 * SIZE + 2 * FOLDER);
  }
}
