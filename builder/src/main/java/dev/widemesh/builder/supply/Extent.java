package dev.widemesh.builder.supply;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// How much a tree holds, with all that was put into it: `bytes` in `files` (folders and links
/// count as files), `submodules` at any depth, the innermost of them `levels` below the tree.
record Extent(long bytes, int files, int submodules, int levels) {
  static final Extent NOTHING = new Extent(0, 0, 0, 0);

  /// Of what lies in the folder, which has no submodules.
  static Extent of(Path folder) throws IOException {
    var bytes = 0L;
    var files = 0;
    try (var all = Files.walk(folder)) {
      for (var file : (Iterable<Path>) all::iterator) {
        files++;
        bytes += Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.size(file) : 0;
      }
    }
    return new Extent(bytes, files, 0, 0);
  }

  /// Of this with that one in it as a submodule.
  Extent with(Extent submodule) {
    return new Extent(
        bytes + submodule.bytes,
        files + submodule.files,
        submodules + 1 + submodule.submodules,
        Math.max(levels, 1 + submodule.levels));
  }
}
