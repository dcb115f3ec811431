package dev.widemesh.builder.lifecycle;

import dev.widemesh.model.SourcePath;
import java.nio.file.Path;

/// One entry of a stack's list of buildpacks, with what it stands for at hand.
public sealed interface Addition {
  /// As the stack names it.
  String reference();

  /// One of ours, by its id.
  record Ours(String reference) implements Addition {}

  /// A folder of the app, which itself is the folder `root` of its repository.
  record InApp(String reference, SourcePath root, String path) implements Addition {}

  /// A tree on this machine. `commit` is the one that it is of in a git repository, nothing
  /// elsewhere. `main` is the buildpack of it that is meant (`id@version`), nothing where that is
  /// plain.
  record Fetched(String reference, String digest, String commit, Path tree, String main)
      implements Addition {}
}
