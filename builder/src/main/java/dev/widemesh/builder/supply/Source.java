package dev.widemesh.builder.supply;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// One place that a buildpack or submodule comes from.
interface Source {
  /// What it was asked for, in full: two sources of one key hold the same.
  String key();

  /// Unpacks what it has now into the empty folder. Nothing arrives where that is still what
  /// `known` says.
  Optional<Arrival> fetch(Optional<Shelf.Note> known, Path into)
      throws IOException, InterruptedException, BuildRefused;

  /// The commit of a git repository that such a mark names, nothing where it names none.
  default String commit(String mark) {
    return "";
  }

  /// What the next time will be [Shelf.Note#mark], [Shelf.Note#main] and [Shelf.Note#whole].
  record Arrival(String mark, String main, Extent whole) {}
}
