package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Which base images are here because builds pulled them: one file for each name.
record PullNotes(Path folder) {
  /// `ids` are the images that came under the name.
  record Note(String name, List<String> ids, Instant used) {
    Note {
      Objects.requireNonNull(name);
      ids = List.copyOf(ids);
      Objects.requireNonNull(used);
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

    Note only(Set<String> there) {
      return new Note(name, ids.stream().filter(there::contains).toList(), used);
    }

    boolean isByDigest() {
      return name.contains("@");
    }

    boolean shares(Note other) {
      return ids.stream().anyMatch(other.ids::contains);
    }
  }

  Optional<Note> of(String name) throws IOException {
    return files().read(name, PullNotes::note);
  }

  List<Note> all() throws IOException {
    return files().all(PullNotes::note);
  }

  private static Note note(String text) {
    return Json.read(text, Note.class);
  }

  void write(Note note) throws IOException {
    files().write(note.name(), Json.write(note));
  }

  void drop(String name) throws IOException {
    files().drop(name);
  }

  /// What a killed write left goes.
  void clean() throws IOException {
    files().clean();
  }

  private NoteFolder files() {
    return new NoteFolder(folder, ".json");
  }
}
