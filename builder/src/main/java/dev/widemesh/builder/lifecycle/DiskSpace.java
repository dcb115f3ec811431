package dev.widemesh.builder.lifecycle;

import dev.widemesh.model.Diagnosis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// How full the disk is that a folder lies on. What shares it with builds must go on, so builds
/// stop first: none begins from 90 % on, and one that fills more is ended at 95 %. On a large disk
/// that leaves more than anybody needs, hence the bytes.
public record DiskSpace(Path folder, long used, long free) {
  private static final int NEARLY_FULL = 90;
  private static final long ENOUGH_TO_BEGIN = 20_000_000_000L;
  private static final int FULL = 95;
  private static final long ENOUGH_TO_GO_ON = 5_000_000_000L;

  public static DiskSpace of(Path folder) throws IOException {
    var store = Files.getFileStore(folder);
    var used = store.getTotalSpace() - store.getUnallocatedSpace();
    return new DiskSpace(folder, used, store.getUsableSpace());
  }

  /// As `df` counts.
  double percentUsed() {
    return 100.0 * used / Math.max(1, used + free);
  }

  boolean isNearlyFull() {
    return percentUsed() >= NEARLY_FULL && free < ENOUGH_TO_BEGIN;
  }

  public boolean isFull() {
    return percentUsed() >= FULL && free < ENOUGH_TO_GO_ON;
  }

  public Diagnosis diagnosis() {
    return new Diagnosis.NoDisk(
        "the server",
        List.of(
            String.format(
                Locale.ROOT,
                "%s: %.0f %% used, %.1f GB free; no build begins from %d %% on",
                folder,
                percentUsed(),
                free / 1e9,
                NEARLY_FULL)));
  }
}
