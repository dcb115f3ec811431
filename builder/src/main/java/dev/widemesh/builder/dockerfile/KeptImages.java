package dev.widemesh.builder.dockerfile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;

/// Which images are the cache of each stack: those of its last good build. On disk, so that what a
/// killed build left is told from them.
record KeptImages(Path folder) {
  /// Their ids.
  Set<String> of(String stack) throws IOException {
    return notes().read(stack, text -> Set.copyOf(text.lines().toList())).orElse(Set.of());
  }

  void keep(String stack, Set<String> ids) throws IOException {
    notes().write(stack, String.join("\n", ids));
  }

  void drop(String stack) {
    try {
      notes().drop(stack);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot forget the images of " + stack, e);
    }
  }

  /// What a killed write left goes.
  void clean() throws IOException {
    notes().clean();
  }

  private NoteFolder notes() {
    return new NoteFolder(folder, "");
  }
}
