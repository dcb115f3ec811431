package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DraftTest {
  @TempDir Path folder;
  private Path target = Path.of("");
  private Path path = Path.of("");

  @BeforeEach
  void name() {
    target = folder.resolve("file");
    path = folder.resolve("file.draft");
  }

  @Test
  void it_is_private_from_the_beginning_and_gets_its_name_at_the_end() throws IOException {
    try (var draft = Draft.of(target)) {
      assertThat(mode(path)).isEqualTo("rw-------");
      write(draft, "words");
      assertThat(target).doesNotExist();
      draft.become(target);
    }
    assertThat(target).hasContent("words");
    assertThat(mode(target)).isEqualTo("rw-------");
    assertThat(path).doesNotExist();
  }

  @Test
  void one_that_does_not_get_that_far_is_removed() throws IOException {
    try (var draft = Draft.of(target)) {
      write(draft, "half");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void what_a_killed_one_left_is_replaced() throws IOException {
    Files.writeString(path, "a longer half than that");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    try (var draft = Draft.of(target)) {
      write(draft, "words");
      draft.become(target);
    }
    assertThat(target).hasContent("words");
  }

  @Test
  void the_file_of_somebody_else_is_neither_followed_nor_removed() throws IOException {
    var theirs = Files.writeString(folder.resolve("theirs"), "of somebody else");
    Files.createSymbolicLink(path, theirs);
    refused();
    assertThat(path).isSymbolicLink();
    assertThat(theirs).hasContent("of somebody else");

    Files.move(theirs, path, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    refused();
    assertThat(path).hasContent("of somebody else");
  }

  private void refused() {
    assertThatThrownBy(() -> Draft.of(target))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("file.draft is there");
  }

  @Test
  void one_that_was_replaced_meanwhile_is_not_taken_for_the_own() throws IOException {
    try (var draft = Draft.of(target)) {
      Files.delete(path);
      Files.writeString(path, "of somebody else");

      assertThatThrownBy(() -> draft.become(target))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("was replaced meanwhile");
    }
    assertThat(target).doesNotExist();
    assertThat(path).hasContent("of somebody else");
  }

  private static void write(Draft draft, String words) throws IOException {
    draft.channel().write(ByteBuffer.wrap(words.getBytes(StandardCharsets.UTF_8)));
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
