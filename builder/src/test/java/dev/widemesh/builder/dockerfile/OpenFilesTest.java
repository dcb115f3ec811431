package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-12")
class OpenFilesTest {
  private static final int SIZE = 300_000_000;

  @TempDir static Path folder;

  /// This very program stands for the container's; others of its group may have some too.
  @Test
  void a_file_counts_that_was_deleted_and_is_open() throws Exception {
    var open = new OpenFiles(ProcessHandle.current().pid());
    var file = folder.resolve("file");
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1}), SIZE - 1);
      var before = open.bytes();

      Files.delete(file);

      assertThat(open.bytes() - before).isBetween(SIZE / 2L, SIZE * 2L);
    }
  }
}
