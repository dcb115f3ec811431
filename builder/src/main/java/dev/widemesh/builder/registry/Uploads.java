package dev.widemesh.builder.registry;

import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The blobs that are arriving. They live in this process only: a client whose registry went away
/// starts its blob again.
final class Uploads implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Uploads.class);
  private static final int MOST = 256;
  private static final Duration LONGEST = Duration.ofHours(1);

  private final Store store;
  private final Map<UUID, Upload> open = new ConcurrentHashMap<>();

  Uploads(Store store) throws IOException {
    this.store = store;
    for (var left : Store.names(store.uploads())) {
      Files.deleteIfExists(store.uploads().resolve(left));
    }
  }

  Upload begin(String repository) throws IOException, RegistryFailure {
    if (open.size() >= MOST) {
      throw RegistryFailure.of(
          ErrorCode.TOOMANYREQUESTS, MOST + " uploads are open already: try again in a minute");
    }
    var upload = new Upload(repository, store.uploads());
    open.put(upload.id, upload);
    return upload;
  }

  Upload find(String repository, UUID id) throws RegistryFailure {
    var upload = open.get(id);
    if (upload == null || !upload.repository.equals(repository)) {
      throw RegistryFailure.of(ErrorCode.BLOB_UPLOAD_UNKNOWN, "no such upload: start again");
    }
    return upload;
  }

  /// The repository has the blob afterwards. The upload is over in any case.
  void finish(Upload upload, Digest digest) throws IOException, RegistryFailure {
    var lock = store.collecting().readLock();
    lock.lock();
    try {
      store.keep(upload.finish(digest), digest);
      Failpoint.BLOB_KEPT.pass();
      store.linkBlob(upload.repository, digest);
    } finally {
      lock.unlock();
      cancel(upload);
    }
  }

  void cancel(Upload upload) throws IOException {
    open.remove(upload.id);
    upload.close();
  }

  /// Names of files that belong to none of them.
  List<String> strays() throws IOException {
    // Listed first: the file of one that begins meanwhile is not among them.
    var files = Store.names(store.uploads());
    var known = open.keySet().stream().map(UUID::toString).toList();
    return files.stream().filter(name -> !known.contains(name)).toList();
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
    open.values().forEach(this::discard);
  }
}
