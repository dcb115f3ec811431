package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AmountTest {
  private static final long MOST = 1_000_000;

  @TempDir private Path folder;

  @Test
  void empty_files_write_nothing() throws IOException {
    files(1_000, "");

    assertThat(refusal()).isEmpty();
    assertThat(Amount.of(List.of(folder)).files()).isEqualTo(1_001);
  }

  @Test
  void small_files_take_a_block_each() throws IOException {
    files(1_000, "x");

    assertThat(refusal()).contains("the build wrote more than 1 MB");
  }

  @Test
  void holes_in_files_count() throws IOException {
    try (var file = new RandomAccessFile(folder.resolve("hollow").toFile(), "rw")) {
      file.setLength(MOST);
    }

    assertThat(refusal()).contains("the build wrote more than 1 MB");
  }

  @Test
  void each_name_of_a_file_counts() throws IOException {
    var file = folder.resolve("file");
    Files.write(file, new byte[(int) MOST / 2]);
    Files.createLink(folder.resolve("link"), file);

    assertThat(Amount.of(List.of(folder)).files()).isEqualTo(3);
    assertThat(refusal()).contains("the build wrote more than 1 MB");
  }

  @Test
  void what_is_too_much_is_named_for_what_it_is() {
    assertThat(new Amount(0, 300_001, 0, false).refusal(MOST))
        .contains("the build made more than 300,000 files");
    assertThat(new Amount(0, 20_000, 60_000_001, false).refusal(MOST))
        .contains("the names of the files that the build made take more than 60 MB");
    assertThat(new Amount(MOST, 300_000, 60_000_000, false).refusal(MOST)).isEmpty();
  }

  @Test
  void folders_in_folders_without_end_are_too_deep() throws IOException {
    var path = String.join("/", Collections.nCopies(14, "x".repeat(255)));
    Files.createDirectories(folder.resolve(path));

    assertThat(refusal()).contains("the build nested its folders too deep");
  }

  private Optional<String> refusal() throws IOException {
    return Amount.of(List.of(folder)).refusal(MOST);
  }

  private void files(int count, String content) throws IOException {
    for (var i = 0; i < count; i++) {
      Files.writeString(folder.resolve("file" + i), content);
    }
  }
}
