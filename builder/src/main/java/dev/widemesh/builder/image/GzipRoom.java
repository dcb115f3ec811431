package dev.widemesh.builder.image;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// The memory that layers are compressed in: so many pieces of at most 4 MiB, whoever wants them,
/// and to each in his turn. They are used again as long as anybody compresses, then given up.
final class GzipRoom {
  static final int PIECE = 4 << 20;

  /// Below that a piece is made for its layer alone.
  private static final int SMALL = 1 << 20;

  private final int pieces;
  private final Semaphore room;
  private final Queue<GzipPiece> free = new ConcurrentLinkedQueue<>();

  GzipRoom(int pieces) {
    this.pieces = pieces;
    this.room = new Semaphore(pieces, true);
  }

  /// A piece for a layer of that length, if nobody waits for one and there is room.
  Optional<GzipPiece> tryTake(long length) throws InterruptedException {
    return room.tryAcquire(0, TimeUnit.SECONDS) ? Optional.of(piece(length)) : Optional.empty();
  }

  /// Waits until others have given enough back.
  GzipPiece take(long length) throws InterruptedException {
    room.acquire();
    return piece(length);
  }

  private GzipPiece piece(long length) {
    if (length < SMALL) {
      return new GzipPiece((int) length);
    }
    var used = free.poll();
    return used == null ? new GzipPiece(PIECE) : used;
  }

  void give(GzipPiece piece) {
    if (piece.size() == PIECE) {
      free.add(piece);
    }
    room.release();
    if (room.availablePermits() == pieces) {
      free.clear();
    }
  }
}
