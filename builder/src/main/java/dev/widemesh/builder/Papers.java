package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire.Bill;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Route;
import dev.widemesh.builder.sbom.UnreadableImage;
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

  /// One that is not for good is not seen yet.
  private record Failure(String why, boolean isForGood, boolean isSoon, long again) {}

  private final ApiClient controller;
  private final ImagePapers papers;

  /// With one place more: for all that was built one look is enough, and takes nobody's.
  private final BlockingQueue<Wish> wishes = new ArrayBlockingQueue<>(MOST_WISHES + 1);

  private final Set<String> whole = new HashSet<>();
  private final Map<String, Failure> failed = new ConcurrentHashMap<>();

  /// What is waited for, by image. Its own lock, and that of who adds a wish.
  private final Map<String, Wish.Give> asked = new HashMap<>();

  /// Since the start a round came to its end, and left nothing that another try may read.
  private volatile boolean isThrough;

  private long next = System.nanoTime() + QUIET.toNanos();

  /// When what was whole is looked at once more.
  private long nextWhole = next + ROUND.toNanos();

  /// One that computes must not hold up those that answer.
  private final Thread thread = Thread.ofPlatform().daemon().name("papers").unstarted(this::run);

  Papers(ApiClient controller, ImagePapers papers) {
    this.controller = controller;
    this.papers = papers;
  }

  void start() {
    thread.start();
  }

  /// Whether all that is kept was seen since the start, but for what nobody can read: it is signed
  /// with the key of now, so that none of before is needed any more. From any thread.
  boolean isThrough() {
    return isThrough;
  }

  /// Something was built: a look at what is kept is worth its while soon.
  void wake() {
    synchronized (asked) {
      if (!wishes.contains(new Wish.Look())) {
        var _ = wishes.offer(new Wish.Look()); // it has its place
      }
    }
  }

  /// The bill of one image, made now if need be. What is whole needs no turn: another one may take
  /// minutes.
  Bill answer(String image) {
    try {
      var ready = papers.ready(image);
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
      wishes.removeIf(wish -> wish instanceof Wish.Give give && give.isLeft());
      asked.values().removeIf(Wish.Give::isLeft); // after that: none stays that went
      var give = asked.getOrDefault(image, new Wish.Give(image));
      if (!asked.containsKey(image)) {
        if (isFull() || !wishes.offer(give)) {
          return Optional.empty();
        }
        asked.put(image, give);
      }
      give.ask();
      return Optional.of(give);
    }
  }

  private boolean isFull() {
    return wishes.stream().filter(Wish.Give.class::isInstance).count() >= MOST_WISHES;
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
      var isForGood = why instanceof UnreadableImage known && known.isForGood();
      var isSoon = why instanceof IOException && !(why instanceof UnreadableImage);
      var again = System.nanoTime() + (isSoon ? SOON : AGAIN).toNanos();
      failed.put(image, new Failure(words(why), isForGood, isSoon, again));
    }
  }

  private void run() {
    try {
      while (true) {
        var wish = Optional.ofNullable(wishes.poll(next - System.nanoTime(), TimeUnit.NANOSECONDS));
        if (wish.isPresent()) {
          fulfil(wish.get());
        } else {
          next = System.nanoTime() + ROUND.toNanos(); // before: a look may be wished meanwhile
          if (!round()) {
            next = Math.min(next, System.nanoTime() + AFTER_TROUBLE.toNanos());
          }
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
      give.bill.complete(papers.bill(give.image));
      failed.remove(give.image);
    } catch (IOException | RuntimeException e) {
      fail(give.image, e);
      give.bill.completeExceptionally(e);
    }
  }

  /// False where it could not be asked what is kept, or something of it is to be tried soon.
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
    papers.retain(images);
    for (var image : inOrder(images)) {
      for (var wish = wishes.poll(); wish != null; wish = wishes.poll()) {
        fulfil(wish);
      }
      see(image);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    isThrough |= images.stream().allMatch(this::isSeen);
    return failed.values().stream().noneMatch(Failure::isSoon);
  }

  /// What failed before may take long to fail again, and is waited for by nobody.
  private List<String> inOrder(List<String> images) {
    return images.stream().sorted(Comparator.comparing(failed::containsKey)).toList();
  }

  private void forget(List<String> images, Instant since) {
    try {
      papers.keepOnly(images, since);
    } catch (IOException e) {
      log.warn("what is known of images that are gone stays: {}", e.toString());
    }
  }

  private void see(String image) {
    if (!whole.contains(image) && failure(image).isEmpty()) {
      complete(image);
    }
  }

  private boolean isSeen(String image) {
    return Optional.ofNullable(failed.get(image)).filter(known -> !known.isForGood()).isEmpty();
  }

  private void complete(String image) {
    try {
      if (papers.complete(image)) {
        whole.add(image);
      }
      failed.remove(image);
    } catch (IOException | RuntimeException e) {
      fail(image, e);
    }
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
