package dev.widemesh.git;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Where the content of a repository's LFS files is looked for.
interface LfsFiles {
  /// Of a repository in which a pointer is a file like any other.
  LfsFiles NONE = (_, _) -> Optional.empty();

  /// The content to be written instead of the pointer that is the file `name`; empty where that
  /// stays. Refused ([SourceRefused]) is what must be there and is not.
  Optional<Path> find(LfsPointer pointer, String name) throws IOException;
}
