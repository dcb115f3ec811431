package dev.widemesh.builder.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Compresses with up to four processors: each piece becomes a gzip member of its own, which every
/// reader of gzip takes for one stream. The bytes depend on the content only, not on the number of
/// processors.
final class ParallelGzip {
  /// More would want more memory than time is won.
  private static final int THREADS = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4);

  /// For all layers and builds: at most 76 MB.
  private static final GzipRoom ROOM = new GzipRoom(2 * THREADS + 1);

  private record Underway(GzipPiece piece, Future<GzipPiece> done) {}

  private final GzipRoom room;
  private final long length;
  private final Queue<Underway> waiting = new ArrayDeque<>();

  private ParallelGzip(GzipRoom room, long length) {
    this.room = room;
    this.length = length;
  }

  /// Of `plain`, `length` bytes are to come; more or fewer are an error.
  static void copy(InputStream plain, long length, OutputStream compressed) throws IOException {
    copy(plain, length, compressed, ROOM);
  }

  static void copy(InputStream plain, long length, OutputStream compressed, GzipRoom room)
      throws IOException {
    var gzip = new ParallelGzip(room, length);
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      gzip.copy(plain, compressed, threads);
    } catch (ExecutionException e) {
      throw new IOException("cannot compress a layer", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a layer was compressed", e);
    } finally {
      gzip.waiting.forEach(underway -> room.give(underway.piece));
    }
  }

  private void copy(InputStream plain, OutputStream compressed, ExecutorService threads)
      throws IOException, InterruptedException, ExecutionException {
    var copied = 0L;
    var count = 0;
    do {
      var piece = take(compressed);
      count = read(plain, piece);
      copied += count;
      waiting.add(new Underway(piece, threads.submit(piece::compress)));
    } while (count == GzipRoom.PIECE);
    while (!waiting.isEmpty()) {
      writeOne(compressed);
    }
    if (copied != length || plain.read() >= 0) {
      throw new IOException("a layer changed its length while it was compressed");
    }
  }

  /// Whoever has pieces gives one of them up first: nobody waits while he holds what others wait
  /// for.
  private GzipPiece take(OutputStream compressed)
      throws IOException, InterruptedException, ExecutionException {
    while (!waiting.isEmpty()) {
      var piece = room.tryTake(length);
      if (piece.isPresent()) {
        return piece.get();
      }
      writeOne(compressed);
    }
    return room.take(length);
  }

  private int read(InputStream plain, GzipPiece piece) throws IOException {
    try {
      return piece.read(plain);
    } catch (IOException e) {
      room.give(piece);
      throw e;
    }
  }

  private void writeOne(OutputStream compressed)
      throws IOException, InterruptedException, ExecutionException {
    waiting.element().done.get().writeTo(compressed);
    room.give(waiting.remove().piece);
  }
}
