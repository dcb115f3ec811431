package dev.widemesh.rack;

import dev.widemesh.api.ImageSignature;
import dev.widemesh.api.SignatureManifest;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets start what the platform has signed, and nothing else. Signatures that were seen are kept,
/// so that what runs here can be started again while the registry does not answer: those of what
/// the definitions name always, and of the others those that were named last.
final class Signatures {
  private static final Logger log = LoggerFactory.getLogger(Signatures.class);
  private static final String ENTRY = "signatures";
  private static final int MOST = 500;

  private final Optional<VerifyingKey> key;
  private final SignatureManifest.Shelf registry;
  private final Vault vault;
  private final int most;

  /// The longest unused first.
  private final List<Signed> seen;

  /// Images that are in no file yet.
  private final Set<String> unwritten = new LinkedHashSet<>();

  /// Images that may be started any moment, by environment.
  private final Map<String, Set<String>> named = new HashMap<>();

  /// What is kept; each is verified again before it counts.
  record Kept(List<Signed> signatures) {}

  record Signed(String image, ImageSignature signature) {}

  Signatures(Optional<VerifyingKey> key, SignatureManifest.Shelf registry, Vault vault) {
    this(key, registry, vault, MOST);
  }

  /// `most` are kept, and all that are in use.
  Signatures(Optional<VerifyingKey> key, SignatureManifest.Shelf registry, Vault vault, int most) {
    this.key = key;
    this.registry = registry;
    this.vault = vault;
    this.most = most;
    this.seen =
        new ArrayList<>(vault.read(ENTRY, Kept.class).map(Kept::signatures).orElse(List.of()));
  }

  /// To be told before anything of it is started. Writes nothing: whoever tells holds a lock.
  synchronized void names(EnvironmentDefinition definition) {
    var images = images(definition);
    var before = named.put(definition.id(), images);
    if (before != null) {
      leave(before.stream().filter(image -> !images.contains(image)).collect(Collectors.toSet()));
    }
  }

  synchronized void forget(String environment) {
    var before = named.remove(environment);
    if (before != null) {
      leave(before);
    }
  }

  private static Set<String> images(EnvironmentDefinition definition) {
    if (definition.deleted()) {
      return Set.of();
    }
    return Stream.of(
            definition.current().stream().map(InstanceSet::spec),
            definition.candidate().stream().map(InstanceSet::spec),
            definition.jobs().stream().map(EnvironmentDefinition.Job::spec))
        .flatMap(specs -> specs)
        .map(InstanceSpec::image)
        .collect(Collectors.toSet());
  }

  /// What is named no more was in use until now. That is written with the next signature: what is
  /// lost of it by a restart is an order.
  private void leave(Set<String> images) {
    var left = seen.stream().filter(signed -> images.contains(signed.image())).toList();
    seen.removeAll(left);
    seen.addAll(left);
    trim();
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
    keep(new Signed(image, signature.orElseThrow(() -> new Unsigned(image))));
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
    unwritten.add(signed.image());
    trim();
    write();
  }

  private void trim() {
    var inUse = named.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
    var unused = seen.stream().filter(signed -> !inUse.contains(signed.image())).toList();
    seen.removeAll(unused.subList(0, Math.clamp(seen.size() - most, 0, unused.size())));
    unwritten.retainAll(seen.stream().map(Signed::image).collect(Collectors.toSet()));
  }

  private synchronized void writeWhatIsNot() {
    if (!unwritten.isEmpty()) {
      write();
    }
  }

  /// What is signed may start, whether that can be written down or not.
  private void write() {
    try {
      vault.write(ENTRY, new Kept(List.copyOf(seen)));
      unwritten.clear();
    } catch (UncheckedIOException e) {
      log.warn(
          "{} start now, but not after a restart of this rack-runner while the registry is silent:"
              + " {}; free some space there",
          String.join(", ", unwritten),
          e.getMessage());
    }
  }
}
