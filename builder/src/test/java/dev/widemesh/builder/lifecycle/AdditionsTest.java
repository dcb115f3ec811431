package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class AdditionsTest {
  private static final Catalogue NONE =
      new Catalogue(Path.of("/nowhere"), Map.of(), List.of(), List.of(), "");

  @TempDir Path root;
  private WorkFolders work;

  @BeforeEach
  void create() throws IOException {
    work = WorkFolders.create(root.resolve("work"));
  }

  private void write(String folder, String id, long bytes) throws IOException {
    var place = Files.createDirectories(work.workspace().resolve(folder));
    Files.writeString(
        place.resolve("buildpack.toml"),
        "api = \"0.10\"\n[buildpack]\nid = \"%s\"\nversion = \"1\"\n".formatted(id));
    // Nothing but a hole: it takes no room.
    try (var file = new RandomAccessFile(place.resolve("large").toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  private Catalogue join(String app, String... paths) throws IOException, BuildRefused {
    var wanted =
        Stream.of(paths)
            .<Addition>map(path -> new Addition.InApp("./" + path, new SourcePath(app), path))
            .toList();
    return Additions.join(NONE, wanted, work);
  }

  @Test
  void folders_of_the_app_are_copied_where_the_build_finds_them() throws Exception {
    write("a", "me/a", 10);
    write("a/b", "me/b", 10);

    assertThat(join("", "a", "a/b").known()).containsKeys("me/a", "me/b");
    assertThat(work.added().resolve("1/b/large")).hasSize(10);
    assertThat(work.added().resolve("2/large")).hasSize(10);
  }

  @Test
  void those_inside_of_another_count_again_and_nothing_is_copied_of_too_much() throws Exception {
    write("a", "me/a", 10);
    write("a/b", "me/b", 10);
    write("a/b/c", "me/c", 90_000_000);

    assertThatThrownBy(() -> join("", "a", "a/b", "a/b/c"))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining("have more than 200 MB or 50,000 files together");
    assertThat(work.added()).isEmptyDirectory();
  }

  @Test
  void a_folder_that_is_not_there_is_named_with_the_one_that_it_was_looked_for_in() {
    assertThatThrownBy(() -> join("", "mine"))
        .isInstanceOfSatisfying(
            BuildRefused.class,
            refused -> {
              assertThat(refused).hasMessageContaining("the repository has no folder ./mine");
              assertThat(refused.diagnosis().nextStep()).startsWith("commit it, or mesh stack");
            });
    assertThatThrownBy(() -> join("services/api", "mine"))
        .isInstanceOfSatisfying(
            BuildRefused.class,
            refused -> {
              assertThat(refused)
                  .hasMessageContaining("the app's folder services/api has no folder ./mine");
              assertThat(refused.diagnosis().nextStep()).contains("commit it as services/api/mine");
            });
  }
}
