package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.RackReport.State;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls that meet each other on one stack, over the wire, with a played builder and a played rack.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class CrossedCallsTest {
  private static final int PEOPLE = 3;
  private static final int CALLS = 10;

  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final Platform PLATFORM = Platform.start();

  private final Platform platform = PLATFORM;
  private final PlayedRack rack = new PlayedRack(platform);
  private final String name = "crossed" + NAMES.incrementAndGet();
  private final StackCalls stack = StackCalls.fresh(platform, name);

  @BeforeEach
  void connected() throws InterruptedException {
    rack.await(name, definition -> true);
  }

  @AfterEach
  void end() throws IOException {
    rack.close();
  }

  @AfterAll
  static void stop() {
    PLATFORM.close();
  }

  /// What one person did, in this order, and what the answers were.
  private static final class Person {
    final Map<Integer, Map<String, String>> settings = new TreeMap<>();
    final List<DeploymentView> pushes = new ArrayList<>();
    int lastScale;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  @Tag("DEP-5")
  @Tag("STK-3")
  @Tag("SVC-3")
  void settings_scales_and_pushes_at_once_end_as_one_after_the_other(long seed) throws Exception {
    try (var _ = new PlayedBuilder(platform, job -> StackCalls.built(job.commit()))) {
      stack.live(stack.push());
      var people =
          IntStream.range(0, PEOPLE)
              .mapToObj(
                  number ->
                      CompletableFuture.supplyAsync(
                          () -> work(number, new Random(seed * PEOPLE + number)),
                          Thread::startVirtualThread))
              .toList();
      var done = new ArrayList<Person>();
      for (var person : people) {
        done.add(person.get(60, TimeUnit.SECONDS));
      }
      endsAsOneAfterTheOther(done);
    }
  }

  private Person work(int number, Random random) {
    var person = new Person();
    for (var call = 0; call < CALLS; call++) {
      switch (random.nextInt(3)) {
        case 0 -> {
          var set = Map.of("KEY" + random.nextInt(3), number + "-" + call);
          person.settings.put(stack.set(set).version(), set);
        }
        case 1 -> {
          person.lastScale = 1 + random.nextInt(5);
          stack.scale(person.lastScale);
        }
        default -> person.pushes.add(stack.push());
      }
    }
    return person;
  }

  private void endsAsOneAfterTheOther(List<Person> people) throws Exception {
    var last = 0;
    for (var deployment : stack.deployments()) {
      var outcome = platform.follow(deployment.id()).outcome();
      assertThat(outcome.state()).as(outcome.toString()).isIn("live", "superseded");
      last = Math.max(last, deployment.version());
    }
    var config = stack.config();
    var revision = platform.read("SELECT revision FROM environment WHERE name = '" + name + "'");
    var runs = rack.await(name, d -> d.revision() >= Long.parseLong(revision));

    assertThat(platform.deployment(name, last).live()).isTrue();
    assertThat(config).isEqualTo(settingsOf(people));
    assertThat(runs.candidate()).isEmpty();
    assertThat(runs.current()).hasSize(1);
    var web = runs.current().getFirst();
    assertThat(web.spec().image()).isEqualTo(StackCalls.image(lastCommit(people)));
    assertThat(web.spec().environment()).containsAllEntriesOf(config);
    assertThat(people).extracting(person -> person.lastScale).contains(web.count());
  }

  /// Each version of the configuration is made from the one before it.
  private static Map<String, String> settingsOf(List<Person> people) {
    var byVersion = new TreeMap<Integer, Map<String, String>>();
    for (var person : people) {
      person.settings.forEach((version, set) -> assertThat(byVersion.put(version, set)).isNull());
    }
    var settings = new HashMap<String, String>();
    byVersion.values().forEach(settings::putAll);
    return settings;
  }

  private static String lastCommit(List<Person> people) {
    return people.stream()
        .flatMap(person -> person.pushes.stream())
        .max(Comparator.comparingInt(DeploymentView::version))
        .map(DeploymentView::commit)
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"building", "releasing", "preparing"})
  @Tag("DEP-11")
  void a_rollback_ends_what_is_under_way_and_what_waits(String state) throws Exception {
    var go = new CountDownLatch(1);
    try (var _ = new PlayedBuilder(platform, job -> StackCalls.build(job, 2, state, go))) {
      var first = stack.live(stack.push());
      stack.live(stack.push());
      if (state.equals("releasing")) {
        rack.releaseNeverEnds();
      }
      rack.behave(
          (set, id) ->
              PlayedRack.instance(
                  set, id, set.deployment().equals("v2") ? State.STARTING : State.READY));
      var running = stack.push();
      stack.awaitState(running, state);
      var waiting = stack.push();

      var asked = System.nanoTime();
      var back = stack.live(stack.rollback(0));
      var took = Duration.ofNanos(System.nanoTime() - asked);

      assertThat(back.live()).isTrue();
      assertThat(took).isLessThan(Duration.ofSeconds(20));
      stack.ends(running, "cancelled");
      stack.ends(waiting, "superseded");
      var runs = rack.await(name, d -> !d.current().isEmpty() && isOf(d, "v4"));
      assertThat(runs.current().getFirst().spec().image()).isEqualTo(first.image());
      assertThat(runs.candidate()).isEmpty();
      assertThat(runs.jobs()).isEmpty();
      assertThat(stack.branch()).isEqualTo(first.commit());

      go.countDown();
      stack.live(stack.push());
      assertThat(platform.deployment(name, 2).state()).isEqualTo("cancelled");
    }
  }

  private static boolean isOf(EnvironmentDefinition definition, String version) {
    return definition.current().stream().allMatch(set -> set.deployment().equals(version));
  }
}
