package dev.widemesh.builder.dockerfile;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// This very program stands for the container's; others of its group may have some too.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-12")
class OpenFilesTest {
  private static final int SIZE = 300_000_000;

  /// `/tmp` may be in memory; this never is.
  private static final Path FOLDER = Path.of("target");

  private static OpenFiles open(int most) {
    return new OpenFiles(ProcessHandle.current().pid(), FOLDER, most);
  }

  private static long bytes() {
    var sum = open(OpenFiles.MOST).sum();
    assertThat(sum.isMore()).isFalse();
    return sum.bytes();
  }

  /// What a large file in `folder` counts once it is deleted, open still.
  private static long counted(Path folder) throws IOException {
    var file = Files.createTempFile(folder, "open-files", "");
    try (var channel = FileChannel.open(file, CREATE, WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1}), SIZE - 1);
      var before = bytes();
      Files.delete(file);
      return bytes() - before;
    }
  }

  @Test
  void a_file_counts_that_was_deleted_and_is_open() throws Exception {
    assertThat(counted(FOLDER)).isBetween(SIZE / 2L, SIZE * 2L);
  }

  @Test
  void what_is_in_memory_does_not_count() throws Exception {
    var memory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(memory), "no /dev/shm here");
    assumeTrue(Files.getFileStore(memory).type().equals("tmpfs"), "/dev/shm is not in memory here");

    assertThat(counted(memory)).isLessThan(SIZE / 2L);
  }

  /// As programs on .NET and Java do; by its link it would lie on a disk.
  @Test
  void nor_does_what_a_program_reserves_there() throws Exception {
    var python = Path.of("/usr/bin/python3");
    assumeTrue(Files.isExecutable(python), "no " + python + " here");
    var before = bytes();
    var reserve =
        """
        import os, sys
        file = os.memfd_create("/var/lib/file")
        os.truncate(file, 1 << 40)
        print(os.stat(file).st_size, flush=True)
        sys.stdin.read()
        """;
    var program = new ProcessBuilder(python.toString(), "-c", reserve).start();
    try (var said = program.inputReader()) {
      assertThat(said.readLine()).isEqualTo("" + (1L << 40));

      assertThat(bytes() - before).isLessThan(SIZE / 2L);
    } finally {
      program.destroyForcibly().waitFor();
    }
  }

  @Test
  void counting_ends_where_there_are_too_many() throws Exception {
    var opened = new ArrayList<FileChannel>();
    var file = Files.createTempFile(FOLDER, "open-files", "");
    try {
      while (opened.size() < 1_000) {
        opened.add(FileChannel.open(file));
      }
      assertThat(open(1_000).sum().isMore()).isTrue();
    } finally {
      for (var channel : opened) {
        channel.close();
      }
      Files.delete(file);
    }
  }
}
