package dev.widemesh.builder.registry;

import static dev.widemesh.builder.registry.RegistryClient.digest;
import static dev.widemesh.builder.registry.RegistryClient.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.RunningRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The collector runs without a pause, beside stacks that deploy and racks that pull. Each stack
/// keeps its last two images and comes back to earlier ones: so whoever pushes often finds a blob
/// that is just about to go.
@DisplayNameGeneration(ReplaceUnderscores.class)
class CollectingRaceTest {
  private static final int DEPLOYMENTS = 250;
  private static final int PULLS = 63;
  private static final int PUSHED_AGAIN = 11;
  private static final int ROUNDS = 21;
  private static final int STACKS = 3;
  private static final int VARIANTS = 40;

  /// Instead of an hour. A deployment that takes longer here counts for nothing.
  private static final Duration GRACE = Duration.ofSeconds(3);

  /// Where disks are fast all blobs would be used again within the grace, and none ever go.
  private static final Duration PAUSE = Duration.ofMillis(30);

  private static final Duration MARGIN = Duration.ofMillis(50);
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir private Path folder;

  /// By stack, what could be rolled back to just now.
  private final Map<String, List<String>> kept = new ConcurrentHashMap<>();

  /// `<stack>@<image>` of those that were kept in time.
  private final Set<String> promised = ConcurrentHashMap.newKeySet();

  private final Set<String> pushed = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger deployed = new AtomicInteger();
  private final AtomicInteger pulled = new AtomicInteger();
  private final AtomicInteger pushedAgain = new AtomicInteger();
  private final AtomicInteger rounds = new AtomicInteger();

  @Test
  void collecting_beside_hundreds_of_deployments_loses_nothing_that_is_kept() throws Exception {
    try (var running = RunningRegistry.in(folder.resolve("store"));
        var client = RegistryClient.of(running, RunningRegistry.PUSHER);
        var threads = Executors.newCachedThreadPool()) {
      var work = new ArrayList<Future<Void>>();
      work.add(threads.submit(endless(() -> collect(running))));
      for (var i = 0; i < STACKS; i++) {
        var stack = "apps/" + i;
        work.add(threads.submit(endless(() -> deploy(client, stack))));
        work.add(threads.submit(endless(() -> pull(client.as(RunningRegistry.READER), stack))));
      }
      for (var each : work) {
        each.get();
      }
    }

    assertThat(isEnough()).as(soFar()).isTrue();
  }

  private boolean isEnough() {
    return deployed.get() >= DEPLOYMENTS
        && pulled.get() >= PULLS
        && pushedAgain.get() >= PUSHED_AGAIN
        && rounds.get() >= ROUNDS;
  }

  private String soFar() {
    return "%s deployments, %s pulls, %s blobs that had been collected, %s rounds"
        .formatted(deployed, pulled, pushedAgain, rounds);
  }

  private interface Step {
    void run() throws Exception;
  }

  private Callable<Void> endless(Step step) {
    return () -> {
      var end = Instant.now().plus(LIMIT);
      try {
        while (!over.get() && !isEnough()) {
          assertThat(Instant.now()).as(soFar()).isBefore(end);
          step.run();
          Thread.onSpinWait();
        }
        return null;
      } finally {
        over.set(true);
      }
    };
  }

  private void collect(RunningRegistry running) {
    var since = Instant.now().minus(GRACE);
    var references = new HashSet<String>();
    kept.forEach((stack, images) -> images.forEach(image -> references.add(stack + "@" + image)));
    running.registry().collect(Set.copyOf(references), since);
    rounds.incrementAndGet();
  }

  private void deploy(RegistryClient client, String stack) throws Exception {
    Thread.sleep(PAUSE);
    var variant = stack + " variant " + ThreadLocalRandom.current().nextInt(VARIANTS);
    var image = digest(image(variant));
    if (!isKept(stack, image)) {
      promised.remove(stack + "@" + image);
    }
    var began = Instant.now();
    var problem = push(client, stack, variant);
    if (isTooLate(began)) {
      return;
    }
    assertThat(problem).isEmpty();
    kept.merge(stack, List.of(image), CollectingRaceTest::lastTwo);
    if (isTooLate(began)) {
      kept.computeIfPresent(stack, (_, images) -> without(images, image));
    } else {
      promised.add(stack + "@" + image);
      deployed.incrementAndGet();
    }
  }

  private static boolean isTooLate(Instant began) {
    return Duration.between(began, Instant.now()).compareTo(GRACE.minus(MARGIN)) > 0;
  }

  private boolean isKept(String stack, String image) {
    return kept.getOrDefault(stack, List.of()).contains(image);
  }

  private static List<String> lastTwo(List<String> before, List<String> added) {
    var all = new ArrayList<>(without(before, added.getFirst()));
    all.addAll(added);
    return List.copyOf(all.subList(Math.max(0, all.size() - 2), all.size()));
  }

  private static List<String> without(List<String> images, String image) {
    return images.stream().filter(each -> !each.equals(image)).toList();
  }

  private static String image(String variant) {
    return manifest(digest(variant), "", "");
  }

  /// As a builder does: what is said to be there is not sent. Why the image was not taken.
  private String push(RegistryClient client, String stack, String variant) throws Exception {
    if (client.call("HEAD", "/v2/" + stack + "/blobs/" + digest(variant)).statusCode() == 404) {
      client.push(stack, variant);
      if (!pushed.add(variant)) {
        pushedAgain.incrementAndGet();
      }
    }
    var answer = client.put(stack, digest(image(variant)), image(variant));
    return answer.statusCode() == 201 ? "" : answer.body();
  }

  private void pull(RegistryClient rack, String stack) throws Exception {
    for (var image : kept.getOrDefault(stack, List.of())) {
      if (!promised.contains(stack + "@" + image)) {
        continue;
      }
      var missing = missing(rack, stack, image);
      if (isKept(stack, image) && promised.contains(stack + "@" + image)) {
        assertThat(missing).isEmpty();
        pulled.incrementAndGet();
      }
    }
  }

  private static List<String> missing(RegistryClient rack, String stack, String image)
      throws Exception {
    var manifest = rack.call("GET", "/v2/" + stack + "/manifests/" + image);
    if (manifest.statusCode() != 200) {
      return List.of(manifest.body());
    }
    var config = RegistryClient.json(manifest).path("config").path("digest").asText();
    var blob = rack.call("GET", "/v2/" + stack + "/blobs/" + config);
    return blob.statusCode() == 200 && digest(blob.body()).equals(config)
        ? List.of()
        : List.of(config + ": " + blob.body());
  }
}
