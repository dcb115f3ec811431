package dev.widemesh.builder.supply;

import dev.widemesh.builder.Sources.Submodule;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Puts the submodules of a submodule into the tree that was just written into `folder`, and
/// answers what that holds then.
interface Nested {
  Extent place(List<Submodule> submodules, Path folder)
      throws IOException, InterruptedException, BuildRefused;
}
