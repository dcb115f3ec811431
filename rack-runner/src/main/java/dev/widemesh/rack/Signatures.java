package dev.widemesh.rack;

import dev.widemesh.api.ImageSignature;
import dev.widemesh.api.SignatureManifest;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets start what the platform has signed, and nothing else. Signatures that were seen are kept,
/// so that what runs here can be started again while the registry does not answer.
final class Signatures {
  private static final Logger log = LoggerFactory.getLogger(Signatures.class);
  private static final String ENTRY = "signatures";
  private static final int MOST = 500;

  private final Optional<VerifyingKey> key;
  private final SignatureManifest.Shelf registry;
  private final Vault vault;
  private final List<Signed> seen;
  private boolean unwritten;

  /// What is kept; each is verified again before it counts.
  record Kept(List<Signed> signatures) {}

  record Signed(String image, ImageSignature signature) {}

  Signatures(Optional<VerifyingKey> key, SignatureManifest.Shelf registry, Vault vault) {
    this.key = key;
    this.registry = registry;
    this.vault = vault;
    this.seen =
        new ArrayList<>(vault.read(ENTRY, Kept.class).map(Kept::signatures).orElse(List.of()));
  }

  /// Of `<repository>@<digest>`. Throws where that is not signed, or nobody knows.
  void require(String image) {
    key.ifPresent(platform -> require(platform, image));
  }

  private void require(VerifyingKey platform, String image) {
    var at = image.indexOf('@');
    var repository = image.substring(0, Math.max(0, at));
    var digest = image.substring(at + 1);
    if (isKnown(platform, image, repository, digest)) {
      writeWhatIsNot();
      return;
    }
    var signature = at < 0 ? Optional.<ImageSignature>empty() : find(platform, repository, digest);
    keep(new Signed(image, signature.orElseThrow(() -> unsigned(image))));
  }

  private static IllegalStateException unsigned(String image) {
    return new IllegalStateException("the image " + image + " is not signed by this platform");
  }

  private synchronized boolean isKnown(
      VerifyingKey platform, String image, String repository, String digest) {
    return seen.stream()
        .filter(signed -> signed.image().equals(image))
        .anyMatch(signed -> signed.signature().isOf(platform, repository, digest));
  }

  private Optional<ImageSignature> find(VerifyingKey platform, String repository, String digest) {
    try {
      var found = SignatureManifest.find(registry, platform, repository, digest);
      if (found.isEmpty() && registry.manifest(repository, digest).isEmpty()) {
        // Another matter: what is lost is built again.
        throw new IllegalStateException(
            "cannot pull %s@%s: manifest unknown".formatted(repository, digest));
      }
      return found;
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot pull the signature of %s@%s: %s"
              .formatted(repository, digest, Refusals.reason(e)),
          e);
    }
  }

  private synchronized void keep(Signed signed) {
    seen.removeIf(before -> before.image().equals(signed.image()));
    seen.add(signed);
    if (seen.size() > MOST) {
      seen.removeFirst();
    }
    write(signed.image());
  }

  private synchronized void writeWhatIsNot() {
    if (unwritten) {
      write(seen.getLast().image());
    }
  }

  /// What is signed may start, whether that can be written down or not.
  private void write(String image) {
    try {
      vault.write(ENTRY, new Kept(List.copyOf(seen)));
      unwritten = false;
    } catch (UncheckedIOException e) {
      unwritten = true;
      log.warn(
          "{} starts, but after a restart of this rack-runner it cannot while the registry is"
              + " silent: {}; free some space there",
          image,
          e.getMessage());
    }
  }
}
