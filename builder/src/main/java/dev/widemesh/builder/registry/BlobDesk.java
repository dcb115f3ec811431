package dev.widemesh.builder.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Gives blobs out, whole or in part.
final class BlobDesk {
  private final Store store;
  private final Manifests manifests;

  BlobDesk(Store store, Manifests manifests) {
    this.store = store;
    this.manifests = manifests;
  }

  void serve(Exchange exchange, Resource.Blob blob) throws IOException, RegistryFailure {
    switch (exchange.method().name()) {
      case "GET", "HEAD" -> send(exchange, blob.digest(), content(exchange, blob));
      case "DELETE" -> {
        manifests.deleteBlob(blob);
        exchange.answer(202, Map.of());
      }
      default -> throw Desk.notAllowed(exchange);
    }
  }

  private Path content(Exchange exchange, Resource.Blob blob) throws IOException, RegistryFailure {
    var found =
        exchange.isReliedOn()
            ? store.useBlob(blob.repository(), blob.digest())
            : store.blob(blob.repository(), blob.digest());
    return found.orElseThrow(blob::absent);
  }

  private static void send(Exchange exchange, Digest digest, Path file)
      throws IOException, RegistryFailure {
    var size = Files.size(file);
    var headers = new HashMap<String, String>();
    headers.put("Docker-Content-Digest", digest.toString());
    headers.put("ETag", '"' + digest.toString() + '"');
    headers.put("Content-Type", "application/octet-stream");
    headers.put("Accept-Ranges", "bytes");
    Optional<ByteRange> range = ByteRange.requested(exchange.header("Range").orElse(""), size);
    if (range.isEmpty()) {
      exchange.file(200, headers, file, 0, size);
      return;
    }
    headers.put("Content-Range", "bytes " + range.get() + "/" + size);
    exchange.file(206, headers, file, range.get().from(), range.get().length());
  }
}
