package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire.SignatureLook;
import dev.widemesh.api.BuildWire.SignatureLook.Outcome;
import dev.widemesh.api.Route;
import dev.widemesh.builder.LookPause.Looked;
import dev.widemesh.builder.SignedWith.Proof;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.model.SigningKey;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signs what can still be started and is known to be ours with the key of now, first what is live,
/// as the controller says: what was signed with a key of before, or is older than any signature.
/// From then on it signs again only what loses its signature.
final class SigningAnew implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SigningAnew.class);

  /// Longer than a build that was signed waits until the controller keeps it.
  private static final Duration GRACE = Duration.ofHours(1);

  private final ApiClient controller;
  private final LostSignatures lost;
  private final ImageExporter exporter;
  private final VerifyingKey key;
  private final SignedWith signed;
  private final BooleanSupplier hasPapers;
  private final Thread thread = Thread.ofVirtual().name("signing-anew").unstarted(this::run);

  /// A key of before counts until all that is kept `hasPapers` by the one of now: these are signed
  /// anew as well.
  SigningAnew(
      ApiClient controller,
      ImageExporter exporter,
      SigningKey key,
      Path data,
      BooleanSupplier hasPapers) {
    this.controller = controller;
    this.exporter = exporter;
    this.lost = new LostSignatures(exporter);
    this.key = key.verifying();
    this.signed = SignedWith.in(data);
    this.hasPapers = hasPapers;
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
      for (var pause = new LookPause(); ; ) {
        Thread.sleep(pause.after(round()));
      }
    } catch (InterruptedException _) {
      log.debug("nothing is signed anew any more");
    }
  }

  /// Looks once at all that is kept; not while the controller does not say what is.
  Looked round() {
    var since = Instant.now().minus(GRACE);
    List<String> images;
    Proof proof;
    try {
      images = List.of(controller.get(Route.KEPT_IMAGES.path(), String[].class));
      proof = settled(images);
    } catch (ApiException | IllegalArgumentException | IOException e) {
      log.debug("signatures are looked for later: {}", e.toString());
      return Looked.AT_NONE;
    }
    var all = lost.look(images, proof);
    try {
      if (all && isOver(proof)) {
        signed.write(new Proof.Keys(List.of(key)));
      }
      exporter.rememberOnly(images, since);
      return all ? Looked.AT_ALL : Looked.AT_SOME;
    } catch (IOException e) {
      log.warn("what is known of signatures stays as it was: {}", e.toString());
      return Looked.AT_SOME;
    }
  }

  /// Nobody needs it any more once all is signed.
  private boolean isOver(Proof proof) {
    return switch (proof) {
      case Proof.Keys _ -> hasPapers.getAsBoolean();
      case Proof.Kept _, Proof.Named _ -> true;
    };
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
