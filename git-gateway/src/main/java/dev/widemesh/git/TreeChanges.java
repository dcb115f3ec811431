package dev.widemesh.git;

import dev.widemesh.builder.FileChange;
import dev.widemesh.builder.Sources.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.TreeFilter;

/// What makes one tree another, where that is the content of a few files. Folders that are the same
/// are not looked into.
final class TreeChanges {
  private final ObjectReader reader;
  private final Limits limits;
  private final List<FileChange> changes = new ArrayList<>();
  private long bytes;

  TreeChanges(ObjectReader reader, Limits limits) {
    this.reader = reader;
    this.limits = limits;
  }

  /// Empty where more differs than the content of files, or more of it than the limits say.
  Optional<List<FileChange>> between(ObjectId before, ObjectId after) throws IOException {
    try (var walk = new TreeWalk(reader)) {
      walk.addTree(before);
      walk.addTree(after);
      walk.setFilter(TreeFilter.ANY_DIFF);
      while (walk.next()) {
        if (isFolder(walk.getFileMode(0)) && isFolder(walk.getFileMode(1))) {
          walk.enterSubtree();
        } else if (!add(walk)) {
          return Optional.empty();
        }
      }
      return Optional.of(List.copyOf(changes));
    }
  }

  /// False where it is no such change.
  private boolean add(TreeWalk at) throws IOException {
    var mode = at.getFileMode(1);
    if (!isFile(mode) || !mode.equals(at.getFileMode(0)) || changes.size() == limits.files()) {
      return false;
    }
    var path = utf8(at.getRawPath());
    if (path.isEmpty()) {
      return false;
    }
    var before = content(at.getObjectId(0));
    var after = content(at.getObjectId(1));
    if (before.isEmpty() || after.isEmpty()) {
      return false;
    }
    return changes.add(new FileChange(path.get(), before.get(), after.get()));
  }

  /// Empty where all together is too much, or it is not what the file has in a build.
  private Optional<ByteBuffer> content(ObjectId id) throws IOException {
    var blob = reader.open(id, Constants.OBJ_BLOB);
    bytes += blob.getSize();
    if (bytes > limits.bytes()) {
      return Optional.empty();
    }
    try (var in = blob.openStream()) {
      var content = in.readAllBytes();
      return LfsPointer.parse(content).isPresent()
          ? Optional.empty()
          : Optional.of(ByteBuffer.wrap(content));
    }
  }

  private static Optional<String> utf8(byte[] raw) {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw));
      return Optional.of(text.toString());
    } catch (CharacterCodingException _) {
      return Optional.empty(); // The export says so.
    }
  }

  private static boolean isFolder(FileMode mode) {
    return FileMode.TREE.equals(mode);
  }

  private static boolean isFile(FileMode mode) {
    return FileMode.REGULAR_FILE.equals(mode) || FileMode.EXECUTABLE_FILE.equals(mode);
  }
}
