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

  BlobDesk(Store store) {
    this.store = store;
  }

  void serve(Exchange exchange, Resource.Blob blob) throws IOException, RegistryFailure {
    switch (exchange.method().name()) {
      case "GET", "HEAD" -> send(exchange, blob.digest(), content(blob));
      case "DELETE" -> {
        content(blob);
        Files.deleteIfExists(store.blobLink(blob.repository(), blob.digest()));
        exchange.answer(202, Map.of());
      }
      default -> throw Desk.notAllowed(exchange);
    }
  }

  private Path content(Resource.Blob blob) throws IOException, RegistryFailure {
    return store
        .blob(blob.repository(), blob.digest())
        .orElseThrow(
            () -> RegistryFailure.of(ErrorCode.BLOB_UNKNOWN, "this repository has no such blob"));
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
