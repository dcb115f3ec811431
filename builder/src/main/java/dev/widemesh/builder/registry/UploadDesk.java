package dev.widemesh.builder.registry;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// Takes blobs in: at once, as a stream, in chunks, or from another repository.
final class UploadDesk {
  private final Store store;
  private final Uploads uploads;

  UploadDesk(Store store, Uploads uploads) {
    this.store = store;
    this.uploads = uploads;
  }

  void begin(Exchange exchange, Resource.NewUpload target) throws IOException, RegistryFailure {
    if (!exchange.method().name().equals("POST")) {
      throw Desk.notAllowed(exchange);
    }
    var mounted = mount(exchange, target.repository());
    if (mounted.isPresent()) {
      created(exchange, target.repository(), mounted.get());
      return;
    }
    var digest = exchange.query("digest");
    if (digest.isPresent()) {
      var expected = Digest.require(digest.get());
      receive(exchange, uploads.begin(target.repository()), expected);
    } else {
      progress(exchange, 202, uploads.begin(target.repository()));
    }
  }

  /// Who may push here may read everywhere, so a blob of any repository may be linked.
  private Optional<Digest> mount(Exchange exchange, String repository) throws IOException {
    var digest = exchange.query("mount").flatMap(Digest::parse);
    var from = exchange.query("from").filter(Resource::isName);
    if (digest.isEmpty() || from.isEmpty()) {
      return Optional.empty();
    }
    var lock = store.collecting().readLock();
    lock.lock();
    try {
      if (store.blob(from.get(), digest.get()).isEmpty()) {
        return Optional.empty();
      }
      store.linkBlob(repository, digest.get());
      return digest;
    } finally {
      lock.unlock();
    }
  }

  void serve(Exchange exchange, Resource.Upload target) throws IOException, RegistryFailure {
    var upload = uploads.find(target.repository(), target.id());
    switch (exchange.method().name()) {
      case "GET" -> progress(exchange, 204, upload);
      case "PATCH" -> {
        checkRange(exchange, upload);
        upload.append(exchange.body());
        progress(exchange, 202, upload);
      }
      case "PUT" -> {
        checkRange(exchange, upload);
        receive(exchange, upload, Digest.require(exchange.query("digest").orElse("")));
      }
      case "DELETE" -> {
        uploads.cancel(upload);
        exchange.answer(204, Map.of());
      }
      default -> throw Desk.notAllowed(exchange);
    }
  }

  private void receive(Exchange exchange, Upload upload, Digest expected)
      throws IOException, RegistryFailure {
    try {
      upload.append(exchange.body());
    } catch (IOException | RegistryFailure e) {
      uploads.cancel(upload);
      throw e;
    }
    uploads.finish(upload, expected);
    created(exchange, upload.repository, expected);
  }

  /// Chunks come in order and without gaps, and say their true length.
  private static void checkRange(Exchange exchange, Upload upload) throws RegistryFailure {
    var header = exchange.header("Content-Range");
    if (header.isEmpty()) {
      return;
    }
    var range = ByteRange.sent(header.get());
    var length = exchange.header("Content-Length");
    var actual = range.map(ByteRange::length).map(String::valueOf).orElse("");
    if (range.isEmpty()
        || range.get().from() != upload.size()
        || !length.orElse(actual).equals(actual)) {
      throw new RegistryFailure(
          416,
          ErrorCode.BLOB_UPLOAD_INVALID,
          "the next byte of this upload is " + upload.size(),
          headers(upload));
    }
  }

  private static void progress(Exchange exchange, int status, Upload upload) {
    exchange.answer(status, headers(upload));
  }

  private static Map<String, String> headers(Upload upload) {
    return Map.of(
        "Location", "/v2/" + upload.repository + "/blobs/uploads/" + upload.id,
        "Range", "0-" + Math.max(0, upload.size() - 1),
        "Docker-Upload-UUID", upload.id.toString());
  }

  private static void created(Exchange exchange, String repository, Digest digest) {
    exchange.answer(
        201,
        Map.of(
            "Location",
            "/v2/" + repository + "/blobs/" + digest,
            "Docker-Content-Digest",
            digest.toString()));
  }
}
