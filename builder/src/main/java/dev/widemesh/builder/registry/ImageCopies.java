package dev.widemesh.builder.registry;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Copies of images as they are just now, while others are pushed and collected: a registry's
/// folder that has these and nothing else, made of hard links.
public final class ImageCopies {
  private final Store from;
  private final Store to;
  private final Manifests manifests;

  private ImageCopies(Store from, Store to) {
    this.from = from;
    this.to = to;
    this.manifests = new Manifests(from);
  }

  /// Of `<repository>@<digest>` each, into a folder on the same file system. Answers in words what
  /// of them is not there.
  public static List<String> make(Path data, Collection<String> references, Path into)
      throws IOException {
    var copies = new ImageCopies(new Store(data), new Store(into));
    var lacking = new ArrayList<String>();
    for (var reference : references) {
      var at = reference.indexOf('@');
      var digest = at < 0 ? Optional.<Digest>empty() : Digest.parse(reference.substring(at + 1));
      if (digest.isPresent() && Resource.isName(reference.substring(0, at))) {
        copies.copy(reference.substring(0, at), digest.get());
      }
      lacking.addAll(Inspection.lacks(copies.to, reference));
    }
    return lacking;
  }

  private void copy(String repository, Digest root) throws IOException {
    var open = new ArrayDeque<>(List.of(root));
    var seen = new HashSet<Digest>();
    while (!open.isEmpty()) {
      var digest = open.remove();
      var found = seen.add(digest) ? find(repository, digest) : Optional.<Manifests.Found>empty();
      if (found.isPresent()) {
        open.addAll(copy(repository, found.get()));
        manifests.referrers(repository, digest).forEach(each -> open.add(each.digest()));
      }
    }
    for (var tag : manifests.tags(repository)) {
      if (manifests.tagged(repository, tag).filter(seen::contains).isPresent()) {
        link(from.tag(repository, tag), to.tag(repository, tag));
      }
    }
  }

  private Optional<Manifests.Found> find(String repository, Digest digest) throws IOException {
    try {
      return manifests.find(repository, digest);
    } catch (RegistryFailure _) {
      return Optional.empty();
    }
  }

  /// The manifests that it names.
  private List<Digest> copy(String repository, Manifests.Found manifest) throws IOException {
    try {
      var digest = manifest.digest();
      link(manifest.content(), to.content(digest));
      link(from.manifestLink(repository, digest), to.manifestLink(repository, digest));
      var bytes = Files.readAllBytes(manifest.content());
      var content = ManifestContent.parse(bytes, manifest.link().mediaType());
      for (var blob : content.allBlobs()) {
        link(from.content(blob), to.content(blob));
        link(from.blobLink(repository, blob), to.blobLink(repository, blob));
      }
      return content.manifests();
    } catch (NoSuchFileException | RegistryFailure _) {
      return List.of();
    }
  }

  /// The copy is looked at afterwards: what it lacks has a name there.
  private static void link(Path file, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    try {
      Files.createLink(target, file);
    } catch (FileAlreadyExistsException | NoSuchFileException _) {
      // Another image has it, too; or it is gone.
    }
  }
}
