package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.builder.SignedWith.Proof;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.model.SigningKey;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signs what can still be started and is known to be ours with the key of now, first what is live,
/// as the controller says: what was signed with a key of before, or is older than any signature.
/// From then on it signs again only what loses its signature.
final class SigningAnew implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SigningAnew.class);
  private static final Duration AGAIN = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMinutes(10);

  /// Longer than a build that was signed waits until the controller keeps it.
  private static final Duration GRACE = Duration.ofHours(1);

  /// So often an image that cannot be read or signed is tried soon: some three minutes.
  static final int TRIES = 10;

  private final ApiClient controller;
  private final LostSignatures lost;
  private final ImageExporter exporter;
  private final VerifyingKey key;
  private final SignedWith signed;
  private volatile boolean over;
  private int tries;
  private final Thread thread = Thread.ofVirtual().name("signing-anew").unstarted(this::run);

  SigningAnew(ApiClient controller, ImageExporter exporter, SigningKey key, Path data) {
    this.controller = controller;
    this.exporter = exporter;
    this.lost = new LostSignatures(exporter);
    this.key = key.verifying();
    this.signed = SignedWith.in(data);
    this.over = isOfNow(signed.read());
  }

  void start() {
    thread.start();
  }

  /// As long as it does, what is not signed may be so soon.
  boolean isUnderWay() {
    return !over;
  }

  private void run() {
    try {
      for (var pause = AGAIN; ; pause = longer(pause)) {
        round();
        Thread.sleep(over ? LOOK : pause);
      }
    } catch (InterruptedException _) {
      log.debug("nothing is signed anew any more");
    }
  }

  private static Duration longer(Duration pause) {
    var twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
  }

  /// Looks once at all that is kept. Not while the controller does not say what is.
  void round() {
    try {
      var since = Instant.now().minus(GRACE);
      var images = List.of(controller.get(Route.KEPT_IMAGES.path(), String[].class));
      var proof = settled(images);
      if (lost.look(images, proof)) {
        signed.write(new Proof.Keys(List.of(key)));
        end(images.size());
      } else if (++tries >= TRIES) {
        end(images.size());
      }
      exporter.rememberOnly(images, since);
    } catch (ApiException | IllegalArgumentException | IOException e) {
      log.debug("signatures are looked for later: {}", e.toString());
    }
  }

  /// On disk before anything is signed: whatever happens meanwhile, what was proof stays so until
  /// all is signed, and nothing becomes one.
  private Proof settled(List<String> images) throws IOException {
    var proof =
        switch (signed.read()) {
          case Proof.Keys keys -> SignedWith.and(keys, key);
          case Proof.Kept _ -> new Proof.Named(images);
          case Proof.Named named -> named;
        };
    signed.write(proof);
    return proof;
  }

  private boolean isOfNow(Proof proof) {
    return proof instanceof Proof.Keys(var keys)
        && keys.stream().allMatch(one -> one.fingerprint().equals(key.fingerprint()));
  }

  private void end(int images) {
    if (!over) {
      over = true;
      log.info("{} images were looked at; those that are ours are signed", images);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
