package dev.widemesh.builder;

import dev.widemesh.builder.image.AttachmentKind;
import dev.widemesh.builder.image.Attachments;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.registry.Registry;
import dev.widemesh.builder.sbom.ImageReader;
import dev.widemesh.builder.sbom.UnreadableImage;
import dev.widemesh.model.Failpoint;
import dev.widemesh.model.SigningKey;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The papers of one image after the other: its bill of materials, and the statement that names
/// that bill. What does not lie in the registry is made. Images are `<repository>@<digest>`. For
/// one thread, but for [#ready].
final class ImagePapers {
  private static final Logger log = LoggerFactory.getLogger(ImagePapers.class);

  private final Attachments attachments;
  private final Registry registry;
  private final SigningKey key;
  private final List<VerifyingKey> known;
  private final Makings makings;
  private final Readings readings;
  private final ImageReader reader = new ImageReader();

  /// The digests of the bills that this process made, by image: of what has no statement it is all
  /// that is known.
  private final Map<String, String> made = new ConcurrentHashMap<>();

  /// `former` are the keys that were used before `key`.
  ImagePapers(
      Attachments attachments,
      Registry registry,
      SigningKey key,
      List<VerifyingKey> former,
      Makings makings,
      Readings readings) {
    this.attachments = attachments;
    this.registry = registry;
    this.key = key;
    this.known = Stream.concat(Stream.of(key.verifying()), former.stream()).toList();
    this.makings = makings;
    this.readings = readings;
  }

  /// Nothing is asked of others any more.
  void retain(Collection<String> images) {
    made.keySet().retainAll(images);
  }

  /// Of these, and of what was made since then.
  void keepOnly(Collection<String> images, Instant since) throws IOException {
    makings.keepOnly(images, since);
    readings.keepOnly(images, since);
  }

  /// From any thread, without a look into the image: what lies there, if that is known to be its
  /// bill.
  Optional<byte[]> ready(String image) throws IOException {
    var there = attachments.digest(AttachmentKind.BILL, image);
    if (there.isEmpty()) {
      return Optional.empty();
    }
    var isKnown = isMade(image, there.get()) || isStated(image, there.get());
    return isKnown
        ? attachments
            .find(AttachmentKind.BILL, image)
            .filter(bill -> Sha256.of(bill).equals(there.get()))
        : Optional.empty();
  }

  private boolean isMade(String image, String bill) {
    return bill.equals(made.get(image));
  }

  private boolean isStated(String image, String bill) throws IOException {
    return isOf(stated(image, List.of(key.verifying())), image, bill);
  }

  /// Found whole, or else made.
  Optional<byte[]> bill(String image) throws IOException {
    if (!complete(image)) {
      return Optional.empty();
    }
    var found = attachments.find(AttachmentKind.BILL, image);
    return found.isPresent() ? found : make(image);
  }

  /// False where there is no such image. A bill that no statement names may be anybody's: it is
  /// made once more, of the image alone, and where nothing is to be stated once by each process.
  boolean complete(String image) throws IOException {
    var there = attachments.digest(AttachmentKind.BILL, image);
    if (there.isPresent() && isStated(image, there.get())) {
      return true;
    }
    var making = makings.of(image);
    var former = stated(image, known);
    if (there.isPresent() && isOf(former, image, there.get())) {
      state(image, there.get(), making, former);
      return true;
    }
    if (there.isPresent() && making.isEmpty() && isMade(image, there.get())) {
      return true; // as before there were statements
    }
    var bill = make(image);
    Failpoint.BILL_ATTACHED.pass();
    if (bill.isPresent()) {
      state(image, Sha256.of(bill.get()), making, former);
    }
    return bill.isPresent();
  }

  /// What this builder saw, or else what a key of before has signed, of that bill.
  private void state(String image, String bill, Optional<Making> making, Optional<Statement> former)
      throws IOException {
    var statement =
        making
            .map(made -> Statement.of(image, made, bill))
            .or(() -> former.filter(it -> it.isOf(image, bill)));
    if (statement.isPresent()) {
      var envelope = Envelope.sign(key, statement.get());
      var _ = attachments.attach(AttachmentKind.STATEMENT, image, envelope, Envelope.annotations());
    }
  }

  private static boolean isOf(Optional<Statement> statement, String image, String bill) {
    return statement.filter(it -> it.isOf(image, bill)).isPresent();
  }

  private Optional<Statement> stated(String image, List<VerifyingKey> keys) throws IOException {
    return attachments
        .find(AttachmentKind.STATEMENT, image)
        .flatMap(envelope -> Envelope.open(envelope, keys));
  }

  private Optional<byte[]> make(String image) throws IOException {
    var manifest = attachments.manifest(image);
    if (manifest.isEmpty()) {
      return Optional.empty();
    }
    if (readings.ended(image) >= Readings.MOST) {
      throw new UnreadableImage("the builder ended while it read the image, three times");
    }
    var start = System.nanoTime();
    readings.begin(image);
    byte[] bill;
    try {
      bill = read(image, manifest.get());
      var _ = attachments.attach(AttachmentKind.BILL, image, bill, Map.of());
    } finally {
      readings.end(image);
    }
    made.put(image, Sha256.of(bill));
    log.info("{}: bill of materials in {} ms", image, (System.nanoTime() - start) / 1_000_000);
    return Optional.of(bill);
  }

  private byte[] read(String image, byte[] manifest) throws IOException {
    var at = image.indexOf('@');
    var repository = image.substring(0, at);
    return reader.bill(
        image.substring(at + 1),
        manifest,
        layer ->
            registry
                .blob(repository, layer)
                .orElseThrow(() -> new UnreadableImage("the registry lost the layer " + layer)));
  }
}
