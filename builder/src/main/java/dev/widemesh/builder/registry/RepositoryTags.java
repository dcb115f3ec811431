package dev.widemesh.builder.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What the tags of one repository name, as far as they can be read. For who holds
/// [Store#removing].
final class RepositoryTags {
  /// As cosign calls what is about an image: its tag says which.
  private static final Pattern ABOUT = Pattern.compile("(sha256-[0-9a-f]{64})\\..+");

  private final Store store;
  private final String repository;
  private final Map<Digest, List<String>> named = new HashMap<>();
  private final List<String> unreadable = new ArrayList<>();

  RepositoryTags(Store store, String repository) {
    this.store = store;
    this.repository = repository;
  }

  /// One that cannot be read may name any image; only of one that is about an image is that known.
  void read() throws IOException {
    var manifests = new Manifests(store);
    for (var tag : manifests.tags(repository)) {
      var digest = named(manifests, tag);
      if (digest.isPresent()) {
        named.computeIfAbsent(digest.get(), _ -> new ArrayList<>()).add(tag);
      } else if (about(tag).isPresent()) {
        unreadable.add(tag);
      }
    }
  }

  private Optional<Digest> named(Manifests manifests, String tag) throws IOException {
    try {
      return manifests.tagged(repository, tag);
    } catch (IOException e) {
      if (about(tag).isEmpty()) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private static Optional<Digest> about(String tag) {
    var found = ABOUT.matcher(tag);
    return found.matches() ? Digest.ofFileName(found.group(1)) : Optional.empty();
  }

  boolean mayName(Digest manifest) {
    return named.containsKey(manifest) || !unreadable.isEmpty();
  }

  /// The image that a manifest is about, as its tag says.
  Optional<Digest> image(Digest manifest) {
    return named.getOrDefault(manifest, List.of()).stream()
        .flatMap(tag -> about(tag).stream())
        .findFirst();
  }

  /// Those that cannot be read go with their images. Answers in words which stay.
  List<String> removeUnreadableBut(Set<Digest> images) throws IOException {
    var held = new ArrayList<String>();
    for (var tag : unreadable) {
      if (about(tag).filter(images::contains).isPresent()) {
        held.add("%s keeps the tag %s, which cannot be read".formatted(repository, tag));
      } else {
        Files.deleteIfExists(store.tag(repository, tag));
      }
    }
    return held;
  }
}
