package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.dockerfile.PullNotes.Note;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NoteFolderTest {
  private static final Note NOTE =
      new Note("python:3", List.of("sha256:1"), Instant.parse("2026-01-01T00:00:00Z"));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{}", "null", "{\"name\":\"python:3\",\"ids\":", "\u0000\u0000", "\u00ff"})
  void a_note_that_the_power_took_is_dropped_and_the_others_are_read(String damage)
      throws IOException {
    var notes = new PullNotes(folder);
    notes.write(new Note("node:22", List.of(), Instant.EPOCH));
    var file = folder.resolve(onlyFile());
    notes.write(NOTE);
    Files.write(file, damage.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));

    assertThat(notes.all()).containsExactly(NOTE);
    assertThat(file).doesNotExist();
    Files.write(file, damage.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    assertThat(notes.of("node:22")).isEmpty();
    assertThat(file).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"note1.new", "~2.part"})
  void what_was_not_written_to_its_end_goes_and_nothing_else(String name) throws IOException {
    var notes = new PullNotes(folder.resolve("notes"));
    var kept = new KeptImages(folder.resolve("kept"));
    notes.write(NOTE);
    kept.keep("stack", Set.of("sha256:1", "sha256:2"));
    var left = Files.createFile(folder.resolve("notes").resolve(name));
    var other = Files.createFile(folder.resolve("kept").resolve(name));

    notes.clean();
    kept.clean();

    assertThat(left).doesNotExist();
    assertThat(other).doesNotExist();
    assertThat(notes.all()).containsExactly(NOTE);
    assertThat(kept.of("stack")).containsExactlyInAnyOrder("sha256:1", "sha256:2");
  }

  private Path onlyFile() throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList().getFirst();
    }
  }
}
