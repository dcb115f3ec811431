package dev.widemesh.git;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Where the content of LFS files is looked for; empty where it is not.
interface LfsFiles {
  /// Of a repository that holds none.
  LfsFiles NONE = _ -> Optional.empty();

  Optional<Path> find(LfsPointer pointer) throws IOException;
}
