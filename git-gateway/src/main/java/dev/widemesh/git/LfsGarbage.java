package dev.widemesh.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.revwalk.ObjectWalk;

/// LFS files that no commit names any more, of any ref.
final class LfsGarbage {
  /// They come before the push that names them.
  static final Duration GRACE = Duration.ofDays(1);

  private LfsGarbage() {}

  /// Removes them; under the repository's lock. `grace` is how long ago they were last asked for.
  static void collect(FileRepository real, LfsRoom room, Duration grace) throws IOException {
    var before = Instant.now().minus(grace);
    var old = old(LfsStore.folder(real.getDirectory().toPath()), before);
    if (!old.isEmpty()) {
      var named = named(real);
      for (var file : old) {
        if (!named.contains(file.getFileName().toString())) {
          room.removeOld(file, before);
        }
      }
    }
  }

  private static List<Path> old(Path folder, Instant before) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var all = Files.find(folder, 3, (_, about) -> isOld(about, before))) {
      return all.toList();
    }
  }

  private static boolean isOld(BasicFileAttributes about, Instant before) {
    return about.isRegularFile() && about.lastModifiedTime().toInstant().isBefore(before);
  }

  private static Set<String> named(FileRepository real) throws IOException {
    var named = new HashSet<String>();
    try (var walk = new ObjectWalk(real)) {
      for (var ref : real.getRefDatabase().getRefs()) {
        if (ref.getObjectId() != null) {
          walk.markStart(walk.parseAny(ref.getObjectId()));
        }
      }
      while (walk.next() != null) {
        // Trees follow.
      }
      for (var next = walk.nextObject(); next != null; next = walk.nextObject()) {
        if (next.getType() == Constants.OBJ_BLOB) {
          add(walk.getObjectReader(), next, named);
        }
      }
    }
    return named;
  }

  private static void add(ObjectReader reader, ObjectId blob, Set<String> named)
      throws IOException {
    if (reader.getObjectSize(blob, Constants.OBJ_BLOB) <= LfsPointer.LONGEST) {
      LfsPointer.parse(reader.open(blob).getBytes()).ifPresent(each -> named.add(each.oid()));
    }
  }
}
