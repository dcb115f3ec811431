package dev.widemesh.builder.supply;

import dev.widemesh.builder.Sources.Written;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.nio.file.Path;

/// Puts the submodules of a submodule into its tree, which was just written into `folder`, and
/// answers what that holds then.
interface Nested {
  Extent place(Written written, Path folder) throws IOException, InterruptedException, BuildRefused;
}
