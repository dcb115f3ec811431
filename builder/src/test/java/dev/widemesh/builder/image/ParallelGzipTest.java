package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ParallelGzipTest {
  private static final int PIECE = GzipRoom.PIECE;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, 1 << 20, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE})
  void what_was_compressed_comes_back_and_the_bytes_do_not_depend_on_the_room(int length)
      throws Exception {
    for (var plain : new byte[][] {random(length), new byte[length]}) {
      var narrow = compressed(plain, new GzipRoom(1));

      assertThat(compressed(plain, new GzipRoom(9))).isEqualTo(narrow);
      try (var in = new GZIPInputStream(new ByteArrayInputStream(narrow))) {
        assertThat(in.readAllBytes()).isEqualTo(plain);
      }
    }
  }

  @Test
  void many_at_once_get_through_a_room_with_two_pieces() throws Exception {
    var room = new GzipRoom(2);
    var plain = random(5 * PIECE / 2);
    var alone = compressed(plain, new GzipRoom(9));
    var all = new ArrayList<Callable<byte[]>>();
    for (var i = 0; i < 6; i++) {
      all.add(() -> compressed(plain, room));
    }

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var each : threads.invokeAll(all, 50, TimeUnit.SECONDS)) {
        assertThat(each.get()).isEqualTo(alone);
      }
    }
  }

  @Test
  void whoever_fails_gives_back_what_he_had() throws Exception {
    var room = new GzipRoom(1);
    var plain = random(PIECE + 10);

    assertThatThrownBy(
            () ->
                ParallelGzip.copy(
                    breaking(plain), plain.length + 1, new ByteArrayOutputStream(), room))
        .hasMessage("Stream closed");
    assertThatThrownBy(() -> ParallelGzip.copy(in(plain), plain.length, new Full(), room))
        .hasMessage("full");
    for (var length : new long[] {plain.length - 1, plain.length + 1, 5}) {
      assertThatThrownBy(
              () -> ParallelGzip.copy(in(plain), length, new ByteArrayOutputStream(), room))
          .hasMessageContaining("changed its length");
    }

    assertThat(compressed(plain, room)).isNotEmpty();
  }

  private static final class Full extends OutputStream {
    @Override
    public void write(int one) throws IOException {
      throw new IOException("full");
    }
  }

  private static InputStream in(byte[] plain) {
    return new ByteArrayInputStream(plain);
  }

  private static InputStream breaking(byte[] plain) throws IOException {
    var closed = InputStream.nullInputStream();
    closed.close();
    return new SequenceInputStream(in(plain), closed);
  }

  private static byte[] compressed(byte[] plain, GzipRoom room) throws IOException {
    var out = new ByteArrayOutputStream();
    ParallelGzip.copy(in(plain), plain.length, out, room);
    return out.toByteArray();
  }

  private static byte[] random(int length) {
    var bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
