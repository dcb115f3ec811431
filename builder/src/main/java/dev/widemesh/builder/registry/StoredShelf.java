package dev.widemesh.builder.registry;

import dev.widemesh.api.NamedContent;
import dev.widemesh.api.SignatureManifest;
import dev.widemesh.api.WrongContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The signatures as they lie in the registry's files, for who looks at many and is in this
/// process.
record StoredShelf(Store store) implements SignatureManifest.Shelf {
  @Override
  public Optional<byte[]> manifest(String repository, String tag) throws IOException {
    var manifests = new Manifests(store);
    var digest = manifests.tagged(repository, tag);
    try {
      var found =
          digest.isEmpty()
              ? Optional.<Manifests.Found>empty()
              : manifests.find(repository, digest.get());
      return found.isEmpty()
          ? Optional.empty()
          : Optional.of(read(found.get().content(), found.get().digest(), ManifestDesk.LIMIT));
    } catch (RegistryFailure _) {
      return Optional.empty(); // for whoever pulls it is not there either
    }
  }

  @Override
  public Optional<byte[]> blob(String repository, String name, int most) throws IOException {
    var digest = Digest.parse(name).orElseThrow(() -> new WrongContent("not a digest: " + name));
    var file = store.blob(repository, digest);
    return file.isEmpty() ? Optional.empty() : Optional.of(read(file.get(), digest, most));
  }

  private static byte[] read(Path file, Digest digest, int most) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new NamedContent(digest.toString(), most).read(in);
    }
  }
}
