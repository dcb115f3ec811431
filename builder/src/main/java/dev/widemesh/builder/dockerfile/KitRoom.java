package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.DiskSpace;
import java.io.IOException;
import java.nio.file.Path;

/// The room that the base images of one build have on the disk, as files: so many bytes of what
/// `folder` lies on, and none that others need.
final class KitRoom {
  private static final long LOOK_BYTES = 64_000_000;

  private final Path folder;
  private final long most;
  private long taken;
  private long looked;

  KitRoom(Path folder, long most) {
    this.folder = folder;
    this.most = most;
  }

  /// Before they are written.
  void take(long bytes) throws IOException, BuildRefused {
    taken += bytes;
    if (taken > most) {
      throw BuildRefused.because(
          "the base images take more than %d MB".formatted(most / 1_000_000),
          "use smaller ones, or fewer");
    }
    if (looked == 0 || taken - looked > LOOK_BYTES) {
      looked = taken;
      var space = DiskSpace.of(folder);
      if (space.isFull()) {
        throw new BuildRefused(space.diagnosis());
      }
    }
  }
}
