package dev.widemesh.builder;

import dev.widemesh.builder.debian.Base;
import java.io.IOException;
import java.util.function.Consumer;

/// Where the two base images come from: what it answers lies in our own registry. `progress` gets
/// lines for people.
interface BaseSource {
  /// What apps run on.
  Base run(Consumer<String> progress) throws IOException;

  /// What apps are built in.
  Base build(Consumer<String> progress) throws IOException;
}
