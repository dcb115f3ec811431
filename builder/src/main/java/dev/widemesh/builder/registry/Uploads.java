package dev.widemesh.builder.registry;

import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The blobs that are arriving. A client goes on with its own after its connection broke, and after
/// a restart of the registry.
final class Uploads implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Uploads.class);
  private static final int MOST = 256;
  private static final Duration LONGEST = Duration.ofHours(1);

  private final Store store;
  private final Map<UUID, Upload> open = new ConcurrentHashMap<>();

  Uploads(Store store) throws IOException {
    this.store = store;
    for (var left : Store.names(store.uploads())) {
      var resumed = id(left).isPresent() ? resume(id(left).get()) : Optional.<Upload>empty();
      resumed.ifPresent(upload -> open.put(upload.id, upload));
    }
    sweep();
    for (var stray : strays()) {
      Files.deleteIfExists(store.uploads().resolve(stray));
    }
  }

  private Optional<Upload> resume(UUID id) throws IOException {
    return Upload.resume(store.uploads(), id);
  }

  private static Optional<UUID> id(String name) {
    try {
      return Optional.of(UUID.fromString(name));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  Upload begin(String repository, String algorithm) throws IOException, RegistryFailure {
    if (open.size() >= MOST) {
      throw new RegistryFailure(
          ErrorCode.TOOMANYREQUESTS.status,
          ErrorCode.TOOMANYREQUESTS,
          MOST + " uploads are open already: try again in a minute",
          Map.of("Retry-After", "60"));
    }
    var upload = Upload.begin(store.uploads(), UUID.randomUUID(), repository, algorithm);
    open.put(upload.id, upload);
    return upload;
  }

  Upload find(Resource.Upload target) throws RegistryFailure {
    var upload = open.get(target.id());
    if (upload == null || !upload.repository.equals(target.repository())) {
      throw target.absent();
    }
    return upload;
  }

  /// The repository has the blob afterwards. The upload is over in any case.
  void finish(Upload upload, Digest digest) throws IOException, RegistryFailure {
    try {
      var file = upload.finish(digest);
      try (var _ = store.using()) {
        store.keep(file, digest);
        Failpoint.BLOB_KEPT.pass();
        store.linkBlob(upload.repository, digest);
      }
    } finally {
      cancel(upload);
    }
  }

  void cancel(Upload upload) throws IOException {
    open.remove(upload.id);
    upload.discard();
  }

  /// Names of files that belong to none of them.
  List<String> strays() throws IOException {
    // Listed first: the files of one that begins meanwhile are not among them.
    var files = Store.names(store.uploads());
    var known = List.copyOf(open.values());
    return files.stream().filter(name -> known.stream().noneMatch(it -> it.isOf(name))).toList();
  }

  void sweep() {
    var limit = Instant.now().minus(LONGEST);
    for (var upload : open.values()) {
      if (upload.used().isBefore(limit)) {
        discard(upload);
      }
    }
  }

  private void discard(Upload upload) {
    try {
      cancel(upload);
      log.info("discarded an unfinished upload to {}", upload.repository);
    } catch (IOException e) {
      log.warn("cannot discard an upload to {}", upload.repository, e);
    }
  }

  @Override
  public void close() {
    for (var upload : open.values()) {
      try {
        upload.close();
      } catch (IOException e) {
        log.warn("cannot close an upload to {}", upload.repository, e);
      }
    }
  }
}
