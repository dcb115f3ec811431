package dev.widemesh.builder.registry;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Takes manifests in and gives them out, by tag or digest.
final class ManifestDesk {
  /// What the protocol asks a registry to take at least; ours are a few kilobytes.
  private static final int LIMIT = 4 << 20;

  private final Manifests manifests;

  ManifestDesk(Manifests manifests) {
    this.manifests = manifests;
  }

  void serve(Exchange exchange, Resource.Tagged tagged) throws IOException, RegistryFailure {
    var repository = tagged.repository();
    switch (exchange.method().name()) {
      case "GET", "HEAD" -> send(exchange, repository, manifests.tagged(repository, tagged.tag()));
      case "PUT" -> {
        var stored = store(exchange, repository, Optional.empty());
        manifests.tag(repository, tagged.tag(), stored.digest);
        created(exchange, repository, stored);
      }
      case "DELETE" -> deleted(exchange, manifests.untag(repository, tagged.tag()));
      default -> throw Desk.notAllowed(exchange);
    }
  }

  void serve(Exchange exchange, Resource.Manifest manifest) throws IOException, RegistryFailure {
    var repository = manifest.repository();
    var digest = Optional.of(manifest.digest());
    switch (exchange.method().name()) {
      case "GET", "HEAD" -> send(exchange, repository, digest);
      case "PUT" -> created(exchange, repository, store(exchange, repository, digest));
      case "DELETE" -> deleted(exchange, manifests.delete(repository, manifest.digest()));
      default -> throw Desk.notAllowed(exchange);
    }
  }

  private void send(Exchange exchange, String repository, Optional<Digest> digest)
      throws IOException, RegistryFailure {
    if (digest.isPresent()) {
      var found = manifests.find(repository, digest.get());
      if (found.isPresent()) {
        var manifest = found.get();
        var headers =
            Map.of(
                "Content-Type", manifest.link().mediaType(),
                "Docker-Content-Digest", manifest.digest().toString(),
                "ETag", '"' + manifest.digest().toString() + '"');
        exchange.file(200, headers, manifest.content(), 0, manifest.link().size());
        return;
      }
    }
    throw unknown();
  }

  private record Stored(Digest digest, String subject) {}

  private Stored store(Exchange exchange, String repository, Optional<Digest> expected)
      throws IOException, RegistryFailure {
    var content = exchange.body().readNBytes(LIMIT + 1);
    if (content.length > LIMIT) {
      throw RegistryFailure.of(ErrorCode.SIZE_INVALID, "a manifest may have 4 MiB at most");
    }
    var digest = Digest.of(expected.map(Digest::algorithm).orElse("sha256"), content);
    if (!expected.orElse(digest).equals(digest)) {
      throw RegistryFailure.of(ErrorCode.DIGEST_INVALID, "the content's digest is " + digest);
    }
    var declared = exchange.header("Content-Type").orElse("").replaceFirst(";.*", "").strip();
    var manifest = ManifestContent.parse(content, declared);
    manifests.put(repository, digest, manifest, content);
    return new Stored(digest, manifest.subject());
  }

  private static void created(Exchange exchange, String repository, Stored stored) {
    var headers = new HashMap<String, String>();
    headers.put("Location", "/v2/" + repository + "/manifests/" + stored.digest);
    headers.put("Docker-Content-Digest", stored.digest.toString());
    if (!stored.subject.isEmpty()) {
      headers.put("OCI-Subject", stored.subject);
    }
    exchange.answer(201, headers);
  }

  private static void deleted(Exchange exchange, boolean wasThere) throws RegistryFailure {
    if (!wasThere) {
      throw unknown();
    }
    exchange.answer(202, Map.of());
  }

  private static RegistryFailure unknown() {
    return RegistryFailure.of(ErrorCode.MANIFEST_UNKNOWN, "this repository has no such manifest");
  }
}
