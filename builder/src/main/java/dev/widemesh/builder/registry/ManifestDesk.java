package dev.widemesh.builder.registry;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Takes manifests in and gives them out, by tag or digest.
final class ManifestDesk {
  /// What the protocol asks a registry to take at least; ours are a few kilobytes.
  static final int LIMIT = 4 << 20;

  private static final int MOST_TAGS = 20;

  private final Manifests manifests;

  ManifestDesk(Manifests manifests) {
    this.manifests = manifests;
  }

  void serve(Exchange exchange, Resource.Tagged tagged) throws IOException, RegistryFailure {
    var repository = tagged.repository();
    switch (exchange.method().name()) {
      case "GET", "HEAD" -> {
        var digest = manifests.tagged(repository, tagged.tag()).orElseThrow(tagged::absent);
        send(exchange, find(exchange, repository, digest).orElseThrow(tagged::absent));
      }
      case "PUT" -> put(exchange, repository, Optional.empty(), List.of(tagged.tag()));
      case "DELETE" -> {
        manifests.untag(tagged);
        exchange.answer(202, Map.of());
      }
      default -> throw Desk.notAllowed(exchange);
    }
  }

  void serve(Exchange exchange, Resource.Manifest manifest) throws IOException, RegistryFailure {
    var repository = manifest.repository();
    switch (exchange.method().name()) {
      case "GET", "HEAD" ->
          send(
              exchange,
              find(exchange, repository, manifest.digest()).orElseThrow(manifest::absent));
      case "PUT" ->
          put(exchange, repository, Optional.of(manifest.digest()), exchange.queries("tag"));
      case "DELETE" -> {
        manifests.delete(manifest);
        exchange.answer(202, Map.of());
      }
      default -> throw Desk.notAllowed(exchange);
    }
  }

  private Optional<Manifests.Found> find(Exchange exchange, String repository, Digest digest)
      throws IOException, RegistryFailure {
    return exchange.isReliedOn()
        ? manifests.use(repository, digest)
        : manifests.find(repository, digest);
  }

  private static void send(Exchange exchange, Manifests.Found manifest) {
    var headers =
        Map.of(
            "Content-Type", manifest.link().mediaType(),
            "Docker-Content-Digest", manifest.digest().toString(),
            "ETag", '"' + manifest.digest().toString() + '"');
    exchange.file(200, headers, manifest.content(), 0, manifest.link().size());
  }

  private void put(
      Exchange exchange, String repository, Optional<Digest> expected, List<String> tags)
      throws IOException, RegistryFailure {
    requireTags(tags);
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
    manifests.put(repository, digest, manifest, content, tags);
    created(
        exchange, repository, digest, manifest.subject(), expected.isPresent() ? tags : List.of());
  }

  private static void requireTags(List<String> tags) throws RegistryFailure {
    if (tags.size() > MOST_TAGS) {
      throw new RegistryFailure(
          414, ErrorCode.SIZE_INVALID, "at most " + MOST_TAGS + " tags at once", Map.of());
    }
    for (var tag : tags) {
      if (!Resource.TAG.matcher(tag).matches()) {
        throw RegistryFailure.of(ErrorCode.MANIFEST_INVALID, "not a tag: '" + tag + "'");
      }
    }
  }

  private static void created(
      Exchange exchange, String repository, Digest digest, String subject, List<String> tags) {
    var headers = new HashMap<String, String>();
    headers.put("Location", "/v2/" + repository + "/manifests/" + digest);
    headers.put("Docker-Content-Digest", digest.toString());
    if (!subject.isEmpty()) {
      headers.put("OCI-Subject", subject);
    }
    if (!tags.isEmpty()) {
      headers.put("OCI-Tag", String.join(", ", tags));
    }
    exchange.answer(201, headers);
  }
}
