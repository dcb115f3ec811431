package dev.widemesh.builder.registry;

import java.io.IOException;

/// What a credential opens; whatever is not said here stays closed.
public sealed interface Rights {
  /// To read, push and delete, everywhere. No part of a platform has it: there only the collector
  /// removes anything, by what the controller keeps.
  record Manage() implements Rights {}

  /// To read and to push, everywhere.
  record Push() implements Rights {}

  /// To read these repositories; no other exists for who has it.
  record Pull(Repositories repositories) implements Rights {}

  @FunctionalInterface
  interface Repositories {
    /// Throws where that cannot be known now.
    boolean contain(String repository) throws IOException;
  }
}
