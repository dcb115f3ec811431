package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.model.Image;
import dev.widemesh.builder.dockerfile.PullNotes.Note;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the engine has: the names of each image, and what is noted of those that builds asked for.
record Inventory(Map<String, List<String>> names, List<Note> notes) {
  Inventory {
    names = Map.copyOf(names);
    notes = List.copyOf(notes);
  }

  static Inventory of(List<Image> images, List<Note> notes) {
    return new Inventory(
        images.stream()
            .collect(Collectors.toMap(Image::getId, Inventory::names, (first, _) -> first)),
        notes);
  }

  private static List<String> names(Image image) {
    return Stream.concat(said(image.getRepoTags()), said(image.getRepoDigests())).toList();
  }

  private static Stream<String> said(String @Nullable [] names) {
    return names == null
        ? Stream.of()
        : Arrays.stream(names).filter(name -> !name.startsWith("<none>"));
  }

  boolean has(String id) {
    return names.containsKey(id);
  }

  List<String> names(String id) {
    return names.getOrDefault(id, List.of());
  }

  /// Under which it came rightly: as a build's note says, or before builds asked for the name. One
  /// that they did ask for says nothing by itself.
  Set<Repository> proven(String id) {
    var others = names(id).stream().filter(this::isOthers).map(Repository::of);
    return Stream.concat(judged(id).stream(), others).collect(Collectors.toSet());
  }

  Set<Repository> judged(String id) {
    return notes.stream()
        .filter(note -> note.ids().contains(id))
        .map(note -> Repository.of(note.name()))
        .collect(Collectors.toSet());
  }

  private boolean isOthers(String name) {
    var repository = Repository.of(name);
    return notes.stream()
        .map(Note::name)
        .filter(noted -> Repository.of(noted).equals(repository))
        .noneMatch(noted -> name.contains("@") || tag(noted).equals(tag(name)));
  }

  private static String tag(String name) {
    return name.substring(name.lastIndexOf(':'));
  }
}
