package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire.Bill;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Route;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees to it that each image that is kept has its bill of materials, a while after it was built:
/// no deployment waits for that. What is missing is seen in the registry, so nothing is lost when
/// the builder ends in the middle. Whoever asks for one before gets it first.
final class Papers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Papers.class);
  private static final Duration ROUND = Duration.ofMinutes(10);

  /// After a build, for its roll-out has the machine first; and after a start.
  private static final Duration QUIET = Duration.ofSeconds(5);

  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(30);

  /// Longer than a build waits until the controller keeps its image.
  private static final Duration GRACE = Duration.ofHours(1);

  /// One that failed may take long to fail again.
  private static final Duration AGAIN = Duration.ofHours(1);

  /// Of the disk or the registry: the next time may be better.
  private static final Duration SOON = Duration.ofMinutes(1);

  /// Whoever asks is told after that to ask again: few can wait at once.
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /// Whoever comes again does so within that, after the last answer.
  private static final Duration RETURN = Duration.ofSeconds(10);

  private static final int MOST_WISHES = 32;
  private static final Duration STOP = Duration.ofSeconds(5);

  private sealed interface Wish {
    /// Something was built.
    record Look() implements Wish {}

    /// Of all who ask for that image.
    final class Give implements Wish {
      private final String image;

      /// Empty where there is no such image.
      private final CompletableFuture<Optional<byte[]>> bill = new CompletableFuture<>();

      private volatile long until;

      private Give(String image) {
        this.image = image;
        ask();
      }

      private void ask() {
        until = System.nanoTime() + PATIENCE.plus(RETURN).toNanos();
      }

      /// Nobody asks any more.
      private boolean isLeft() {
        return System.nanoTime() - until > 0;
      }
    }
  }

  private record Failure(String why, long again) {}

  private final ApiClient controller;
  private final Attachments attachments;
  private final Registry registry;
  private final SigningKey key;
  private final List<VerifyingKey> known;
  private final Makings makings;
  private final Readings readings;
  private final ImageReader reader = new ImageReader();
  private final BlockingQueue<Wish> wishes = new ArrayBlockingQueue<>(MOST_WISHES);
  private final Set<String> whole = new HashSet<>();
  private final Map<String, Failure> failed = new ConcurrentHashMap<>();

  /// What is waited for, by image. Its own lock.
  private final Map<String, Wish.Give> asked = new HashMap<>();

  /// The digests of the bills that this process made, by image: of what has no statement it is all
  /// that is known.
  private final Map<String, String> made = new ConcurrentHashMap<>();

  private long next = System.nanoTime() + QUIET.toNanos();

  /// When what was whole is looked at once more.
  private long nextWhole = next + ROUND.toNanos();

  /// One that computes must not hold up those that answer.
  private final Thread thread = Thread.ofPlatform().daemon().name("papers").unstarted(this::run);

  /// `former` are the keys that were used before `key`.
  Papers(
      ApiClient controller,
      Attachments attachments,
      Registry registry,
      SigningKey key,
      List<VerifyingKey> former,
      Makings makings,
      Readings readings) {
    this.controller = controller;
    this.attachments = attachments;
    this.registry = registry;
    this.key = key;
    this.known = Stream.concat(Stream.of(key.verifying()), former.stream()).toList();
    this.makings = makings;
    this.readings = readings;
  }

  void start() {
    thread.start();
  }

  /// Something was built: a look at what is kept is worth its while soon.
  void wake() {
    var _ = wishes.offer(new Wish.Look()); // one of many is enough
  }

  /// The bill of one image, made now if need be. What is whole needs no turn: another one may take
  /// minutes.
  Bill answer(String image) {
    try {
      var ready = ready(image);
      if (ready.isPresent()) {
        return document(ready.get());
      }
    } catch (IOException | RuntimeException e) {
      log.debug("the bill of materials of {} is made anew: {}", image, e.toString());
    }
    var failure = failure(image);
    return failure.isPresent()
        ? unreadable(failure.get().why())
        : join(image).map(Papers::await).orElseGet(Papers::underWay);
  }

  /// Empty where too many wait already.
  private Optional<Wish.Give> join(String image) {
    synchronized (asked) {
      asked.values().removeIf(Wish.Give::isLeft);
      wishes.removeIf(wish -> wish instanceof Wish.Give give && give.isLeft());
      var give = asked.getOrDefault(image, new Wish.Give(image));
      if (!asked.containsKey(image)) {
        if (!wishes.offer(give)) {
          return Optional.empty();
        }
        asked.put(image, give);
      }
      give.ask();
      return Optional.of(give);
    }
  }

  private static Bill await(Wish.Give give) {
    try {
      return give.bill
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          .map(Papers::document)
          .orElseGet(
              () -> refused("image-collected", "the image is not kept any more", "push it again"));
    } catch (TimeoutException _) {
      return underWay();
    } catch (ExecutionException e) {
      return unreadable(words(e.getCause()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return underWay();
    }
  }

  /// For everybody: what else there is to say, with its paths and addresses, is in the log.
  private static String words(@Nullable Throwable failure) {
    return failure instanceof UnreadableImage known
        ? known.why()
        : "the builder cannot read it for now";
  }

  private static Bill document(byte[] bill) {
    return new Bill(new String(bill, StandardCharsets.UTF_8), null);
  }

  private static Bill unreadable(String why) {
    return refused(
        "no-sbom",
        "what is in the image cannot be read: " + why,
        "look at mesh doctor, or push it again");
  }

  private static Bill underWay() {
    return refused(
        "sbom-under-way",
        "what is in the image is being read just now",
        "ask again in some seconds");
  }

  private static Bill refused(String code, String message, String nextStep) {
    return new Bill(null, new Problem(code, message, nextStep));
  }

  /// In words, what could not be made of this image's papers.
  List<String> lacking(String image) {
    return Optional.ofNullable(failed.get(image))
        .map(known -> "the bill of materials of %s (%s)".formatted(image, known.why()))
        .stream()
        .toList();
  }

  /// One that is not to be tried again yet.
  private Optional<Failure> failure(String image) {
    return Optional.ofNullable(failed.get(image))
        .filter(failure -> System.nanoTime() - failure.again() < 0);
  }

  private void fail(String image, Exception why) {
    if (!thread.isInterrupted()) {
      log.warn("{} gets no bill of materials for now: {}", image, why.toString());
      var isSoon = why instanceof IOException && !(why instanceof UnreadableImage);
      var again = System.nanoTime() + (isSoon ? SOON : AGAIN).toNanos();
      failed.put(image, new Failure(words(why), again));
    }
  }

  private void run() {
    try {
      while (true) {
        var wish = Optional.ofNullable(wishes.poll(next - System.nanoTime(), TimeUnit.NANOSECONDS));
        if (wish.isPresent()) {
          fulfil(wish.get());
        } else {
          next = System.nanoTime() + (round() ? ROUND : AFTER_TROUBLE).toNanos();
        }
      }
    } catch (InterruptedException _) {
      log.debug("no papers are made any more");
    }
  }

  private void fulfil(Wish wish) {
    switch (wish) {
      case Wish.Look _ -> next = Math.min(next, System.nanoTime() + QUIET.toNanos());
      case Wish.Give give -> {
        if (!give.isLeft()) {
          give(give);
        }
        synchronized (asked) {
          asked.remove(give.image, give);
        }
      }
    }
  }

  private void give(Wish.Give give) {
    var failure = failure(give.image);
    if (failure.isPresent()) { // since it was asked for
      give.bill.completeExceptionally(new UnreadableImage(failure.get().why()));
      return;
    }
    try {
      give.bill.complete(bill(give.image));
      failed.remove(give.image);
    } catch (IOException | RuntimeException e) {
      fail(give.image, e);
      give.bill.completeExceptionally(e);
    }
  }

  /// False where it could not be asked what is kept.
  private boolean round() throws InterruptedException {
    var since = Instant.now().minus(GRACE);
    List<String> images;
    try {
      images = List.of(controller.get(Route.KEPT_IMAGES.path(), String[].class));
    } catch (ApiException | IllegalArgumentException e) {
      log.debug("papers are made later: {}", e.toString());
      return false;
    }
    if (System.nanoTime() - nextWhole >= 0) {
      nextWhole = System.nanoTime() + ROUND.toNanos();
      whole.clear();
      forget(images, since);
    }
    whole.retainAll(images);
    failed.keySet().retainAll(images);
    made.keySet().retainAll(images);
    for (var image : inOrder(images)) {
      for (var wish = wishes.poll(); wish != null; wish = wishes.poll()) {
        fulfil(wish);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      see(image);
    }
    return true;
  }

  /// What failed before may take long to fail again, and is waited for by nobody.
  private List<String> inOrder(List<String> images) {
    return images.stream().sorted(Comparator.comparing(failed::containsKey)).toList();
  }

  private void forget(List<String> images, Instant since) {
    try {
      makings.keepOnly(images, since);
      readings.keepOnly(images, since);
    } catch (IOException e) {
      log.warn("what is known of images that are gone stays: {}", e.toString());
    }
  }

  private void see(String image) {
    if (whole.contains(image) || failure(image).isPresent()) {
      return;
    }
    try {
      if (complete(image)) {
        whole.add(image);
      }
      failed.remove(image);
    } catch (IOException | RuntimeException e) {
      fail(image, e);
    }
  }

  /// Without a look into the image: what lies there, if that is known to be its bill.
  private Optional<byte[]> ready(String image) throws IOException {
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
    return stated(image, List.of(key.verifying())).filter(it -> it.isOf(image, bill)).isPresent();
  }

  /// Found whole, or else made.
  private Optional<byte[]> bill(String image) throws IOException {
    if (!complete(image)) {
      return Optional.empty();
    }
    var found = attachments.find(AttachmentKind.BILL, image);
    return found.isPresent() ? found : make(image);
  }

  /// False where there is no such image. A bill that no statement names may be anybody's: it is
  /// made once more, of the image alone, and where nothing is to be stated once by each process.
  private boolean complete(String image) throws IOException {
    var there = attachments.digest(AttachmentKind.BILL, image);
    if (there.isPresent() && isStated(image, there.get())) {
      return true;
    }
    var making = makings.of(image);
    var former = stated(image, known);
    var isUnstated = making.isEmpty() && former.isEmpty(); // as before there were statements
    if (isUnstated && there.isPresent() && isMade(image, there.get())) {
      return true;
    }
    var bill = make(image);
    Failpoint.BILL_ATTACHED.pass();
    if (bill.isPresent()) {
      var digest = Sha256.of(bill.get());
      var statement =
          making
              .map(made -> Statement.of(image, made, digest))
              .or(() -> former.filter(it -> it.isOf(image, digest)));
      if (statement.isPresent()) {
        var envelope = Envelope.sign(key, statement.get());
        var _ =
            attachments.attach(AttachmentKind.STATEMENT, image, envelope, Envelope.annotations());
      }
    }
    return bill.isPresent();
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
      throw new UnreadableImage("the builder ended while it read the image, more than once");
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

  /// What is being read is given up, so that it does not count as what ended the process.
  @Override
  public void close() {
    thread.interrupt();
    try {
      if (!thread.join(STOP)) {
        log.warn("an image is still being read after {} s", STOP.toSeconds());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
