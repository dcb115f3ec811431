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
    var repository = target.repository();
    var digest = exchange.query("digest");
    if (digest.isPresent()) {
      receive(exchange, repository, Digest.require(digest.get()));
    } else {
      exchange.answer(202, uploads.begin(repository, algorithm(exchange)).headers());
    }
  }

  private static String algorithm(Exchange exchange) throws RegistryFailure {
    var algorithm = exchange.query("digest-algorithm").orElse("sha256");
    if (!Digest.isAlgorithm(algorithm)) {
      throw RegistryFailure.of(
          ErrorCode.DIGEST_INVALID, "'" + algorithm + "' is neither sha256 nor sha512");
    }
    return algorithm;
  }

  /// Who may push here may read everywhere, so a blob of any repository may be linked.
  private Optional<Digest> mount(Exchange exchange, String repository)
      throws IOException, RegistryFailure {
    var wanted = exchange.query("mount");
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    var digest = Digest.require(wanted.get());
    var from = exchange.query("from");
    return from.stream().allMatch(Resource::isName) && store.mountBlob(repository, digest, from)
        ? Optional.of(digest)
        : Optional.empty();
  }

  void serve(Exchange exchange, Resource.Upload target) throws IOException, RegistryFailure {
    var upload = uploads.find(target);
    switch (exchange.method().name()) {
      case "GET" -> exchange.answer(204, upload.headers());
      case "PATCH" -> {
        upload.append(exchange.body(), range(exchange, upload));
        exchange.answer(202, upload.headers());
      }
      case "PUT" -> {
        var digest = Digest.require(exchange.query("digest").orElse(""));
        upload.append(exchange.body(), range(exchange, upload));
        uploads.finish(upload, digest);
        created(exchange, upload.repository, digest);
      }
      case "DELETE" -> {
        uploads.cancel(upload);
        exchange.answer(204, Map.of());
      }
      default -> throw Desk.notAllowed(exchange);
    }
  }

  /// At once: nobody could go on with what broke off.
  private void receive(Exchange exchange, String repository, Digest expected)
      throws IOException, RegistryFailure {
    var upload = uploads.begin(repository, expected.algorithm());
    try {
      upload.append(exchange.body(), Optional.empty());
    } catch (IOException | RegistryFailure e) {
      uploads.cancel(upload);
      throw e;
    }
    uploads.finish(upload, expected);
    created(exchange, repository, expected);
  }

  /// Chunks come in order and without gaps, and say their true length.
  private static Optional<ByteRange> range(Exchange exchange, Upload upload)
      throws RegistryFailure {
    var header = exchange.header("Content-Range");
    if (header.isEmpty()) {
      return Optional.empty();
    }
    var range = ByteRange.sent(header.get());
    var actual = range.map(ByteRange::length).map(String::valueOf).orElse("");
    if (range.isEmpty() || !exchange.header("Content-Length").orElse(actual).equals(actual)) {
      throw upload.outOfOrder("'" + header.get() + "' is not the range of what is sent");
    }
    return range;
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
