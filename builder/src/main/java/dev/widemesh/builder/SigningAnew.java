package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire.SignatureLook;
import dev.widemesh.api.BuildWire.SignatureLook.Outcome;
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
  private static final int TRIES = 10;

  private final ApiClient controller;
  private final LostSignatures lost;
  private final ImageExporter exporter;
  private final VerifyingKey key;
  private final SignedWith signed;
  private final Thread thread = Thread.ofVirtual().name("signing-anew").unstarted(this::run);

  SigningAnew(ApiClient controller, ImageExporter exporter, SigningKey key, Path data) {
    this.controller = controller;
    this.exporter = exporter;
    this.lost = new LostSignatures(exporter);
    this.key = key.verifying();
    this.signed = SignedWith.in(data);
  }

  void start() {
    thread.start();
  }

  /// At once, of an image that somebody waits for. From any thread.
  SignatureLook look(String image) {
    var proof = signed.read();
    if (proof instanceof Proof.Kept) {
      return SignatureLook.stuck("what was there before the key is not listed yet");
    }
    try {
      return switch (LostSignatures.mend(exporter, image, proof)) {
        case WHOLE, SIGNED_AGAIN -> new SignatureLook(Outcome.SIGNED, null);
        case UNKNOWN, GONE -> new SignatureLook(Outcome.UNKNOWN, null);
      };
    } catch (IOException | IllegalArgumentException e) {
      log.warn("{} cannot be signed yet: {}", image, e.toString());
      return SignatureLook.stuck("the builder cannot read it for now");
    }
  }

  private void run() {
    try {
      var pause = AGAIN;
      for (var tries = 1; ; tries++, pause = longer(pause)) {
        Thread.sleep(round() || tries >= TRIES ? LOOK : pause);
      }
    } catch (InterruptedException _) {
      log.debug("nothing is signed anew any more");
    }
  }

  private static Duration longer(Duration pause) {
    var twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
  }

  /// Looks once at all that is kept; not while the controller does not say what is. Whether what is
  /// ours is signed now.
  boolean round() {
    try {
      var since = Instant.now().minus(GRACE);
      var images = List.of(controller.get(Route.KEPT_IMAGES.path(), String[].class));
      var proof = settled(images);
      var all = lost.look(images, proof);
      if (all) {
        signed.write(new Proof.Keys(List.of(key)));
      }
      exporter.rememberOnly(images, since);
      return all;
    } catch (ApiException | IllegalArgumentException | IOException e) {
      log.debug("signatures are looked for later: {}", e.toString());
      return false;
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

  @Override
  public void close() {
    thread.interrupt();
  }
}
