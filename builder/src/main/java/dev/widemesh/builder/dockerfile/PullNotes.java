package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Which base images are here because builds pulled them: one file for each name.
record PullNotes(Path folder) {
  private static final String SUFFIX = ".json";

  /// `ids` are the images that came under the name.
  record Note(String name, List<String> ids, Instant used) {
    Note {
      ids = List.copyOf(ids);
    }

    static Note fresh(String name) {
      return new Note(name, List.of(), Instant.EPOCH);
    }

    Note usedAt(Instant now) {
      return new Note(name, ids, now);
    }

    Note with(String id) {
      var all = new TreeSet<>(ids);
      all.add(id);
      return new Note(name, List.copyOf(all), used);
    }
  }

  Optional<Note> of(String name) throws IOException {
    return read(file(name));
  }

  List<Note> all() throws IOException {
    var all = new ArrayList<Note>();
    if (Files.isDirectory(folder)) {
      try (var files = Files.list(folder)) {
        for (var file : files.filter(each -> each.toString().endsWith(SUFFIX)).toList()) {
          read(file).ifPresent(all::add);
        }
      }
    }
    return all;
  }

  private static Optional<Note> read(Path file) throws IOException {
    return Files.isRegularFile(file)
        ? Optional.of(Json.read(Files.readString(file), Note.class))
        : Optional.empty();
  }

  void write(Note note) throws IOException {
    Files.createDirectories(folder);
    var fresh = Files.createTempFile(folder, "note", ".new");
    try {
      Files.writeString(fresh, Json.write(note));
      Files.move(fresh, file(note.name()), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  void drop(String name) throws IOException {
    Files.deleteIfExists(file(name));
  }

  private Path file(String name) {
    return folder.resolve(Sha256.of(name).replace("sha256:", "") + SUFFIX);
  }
}
