package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.Cause;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.lifecycle.BuildLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Builds that take all they can get, against limits that are reached soon.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-12")
class BuildLimitsTest {
  private static final BuildLimits LIMITS =
      new BuildLimits(Duration.ofSeconds(25), 700_000_000, 2, 100, 400_000_000, 5_000_000);

  private static final BuildLimits SHORT =
      new BuildLimits(Duration.ofSeconds(10), 700_000_000, 2, 100, 400_000_000, 5_000_000);

  @TempDir static Path folder;
  private static Workshop workshop;

  @BeforeAll
  static void open() throws Exception {
    // What it needs is there before the limits are.
    workshop = new Workshop(folder);
    workshop.build(workshop.job("shop", workshop.checkout("nodejs/fixture/plain")));
    workshop.limitTo(LIMITS);
  }

  @AfterAll
  static void close() throws Exception {
    workshop.close();
  }

  private record Refusal(Job job, Cause cause) {}

  /// Refuses a build whose build script is this, in less than the time limit.
  private static Cause refused(String script) throws Exception {
    return tried(script).cause();
  }

  private static Refusal tried(String script) throws Exception {
    var job = job(script);
    var start = System.nanoTime();

    var cause = workshop.refuse(job);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).as(cause.summary()).isLessThan(AT_MOST);
    assertThat(cause.nextStep()).isNotBlank();
    return new Refusal(job, cause);
  }

  private static Job job(String script) throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/plain");
    Files.writeString(checkout.resolve("script.sh"), script);
    Files.writeString(
        checkout.resolve("package.json"), "{\"scripts\": {\"build\": \"bash script.sh\"}}");
    return workshop.job("shop", checkout);
  }

  private static final Duration AT_MOST = LIMITS.time().plusSeconds(15);

  @Test
  @Tag("DEP-12")
  void a_fork_bomb_is_named_and_ended() throws Exception {
    var cause = refused("echo lighting it\nf() { f | f & }\nf\nwait\nsleep 1000\n");

    assertThat(cause.summary())
        .isEqualTo("the build started too many processes (limit 100 at once)");
  }

  /// From the first look at what forks without end until it is gone, others start as fast as ever.
  @Test
  @Tag("nightly")
  void other_containers_start_in_two_seconds_beside_a_fork_bomb() throws Exception {
    var docker = new Docker(folder.resolve("docker"));
    var lit = workshop.controller.firstLineWith("lighting another");
    var refusal =
        CompletableFuture.supplyAsync(
            () ->
                unchecked("echo lighting another\nsleep 2\nf() { f | f & }\nf\nwait\nsleep 1000\n"),
            Thread::startVirtualThread);
    lit.get(20, TimeUnit.SECONDS);
    var builds = "name=wm-" + workshop.platform + "-build-";
    var build = docker.succeed("ps", "-q", "--filter", builds);
    var image = docker.succeed("inspect", "--format", "{{.Image}}", build);

    var starts = 0;
    do {
      var begin = System.nanoTime();
      docker.succeed("run", "--rm", "--network=none", "--entrypoint=/bin/true", image);
      var took = Duration.ofNanos(System.nanoTime() - begin);
      System.out.printf("a container beside a fork bomb: %d ms%n", took.toMillis());
      assertThat(took).isLessThan(Duration.ofSeconds(2));
      starts++;
    } while (!refusal.isDone());

    assertThat(starts).isPositive();
    assertThat(refusal.join().cause().summary()).contains("too many processes");
  }

  private static Refusal unchecked(String script) {
    try {
      return tried(script);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @Tag("DEP-12")
  void a_memory_bomb_in_a_child_is_named_though_its_parent_lives() throws Exception {
    var refusal = tried("date +begins-%s%3N\ntail /dev/zero\necho the child is gone\nexit 3\n");
    var ended = System.currentTimeMillis();

    var began = Pattern.compile("begins-(\\d+)").matcher(workshop.output(refusal.job()));
    assertThat(began.find()).isTrue();
    var took = Duration.ofMillis(ended - Long.parseLong(began.group(1)));
    System.out.printf("a memory bomb is named after %d ms%n", took.toMillis());
    assertThat(took).isLessThan(Duration.ofSeconds(10));
    var cause = refusal.cause();
    assertThat(cause.summary()).isEqualTo("the build ran out of memory (limit 700 MB)");
    assertThat(String.join("\n", cause.evidence())).contains("the child is gone");
  }

  @Test
  @Tag("DEP-12")
  void endless_output_is_ended() throws Exception {
    var cause = refused("yes \"$(printf 'all work and no play %.0s' {1..40})\"\n");

    assertThat(cause.summary()).isEqualTo("the build printed more than 5 MB");
    assertThat(String.join("\n", cause.evidence())).contains("all work and no play");
  }

  @Test
  @Tag("DEP-12")
  void what_fills_the_disk_is_ended_however_hollow_it_is() throws Exception {
    assertThat(refused("head -c 2G /dev/zero >big\nsleep 1000\n").summary())
        .isEqualTo("the build wrote more than 400 MB");
    assertThat(refused("truncate -s 1T hollow\n").summary())
        .isEqualTo("the build wrote more than 400 MB");
  }

  @Test
  @Tag("DEP-12")
  @Tag("nightly")
  void a_full_tmp_is_not_taken_for_a_full_disk() throws Exception {
    var small = new BuildLimits(LIMITS.time(), 2_000_000_000, 2, 100, 400_000_000, 5_000_000);
    try (var roomy = new Workshop(Files.createTempDirectory(folder, "roomy"), small)) {
      var checkout = roomy.checkout("nodejs/fixture/plain");
      Files.writeString(
          checkout.resolve("package.json"),
          "{\"scripts\": {\"build\": \"head -c 1100M /dev/zero >/tmp/big\"}}");

      var cause = roomy.refuse(roomy.job("tmp", checkout));

      assertThat(cause.summary()).isEqualTo("the build filled /tmp (limit 1000 MB)");
      assertThat(cause.nextStep()).contains("instead of /tmp");
    }
  }

  @Test
  @Tag("DEP-12")
  void a_build_that_never_ends_is_ended() throws Exception {
    workshop.limitTo(SHORT);
    try {
      var cause = refused("echo one moment\nsleep 1000\n");

      assertThat(cause.summary()).isEqualTo("the build took longer than 10 s");
      assertThat(cause.evidence()).contains("one moment");
    } finally {
      workshop.limitTo(LIMITS);
    }
  }

  /// With the time that a slow disk needs for them.
  @Test
  @Tag("nightly")
  void a_million_empty_files_are_too_many() throws Exception {
    var patient =
        new BuildLimits(Duration.ofMinutes(5), 700_000_000, 2, 100, 400_000_000, 5_000_000);
    workshop.limitTo(patient);
    try {
      var script = "mkdir many\ncd many\nseq 1 1000000 | xargs touch\nsleep 1000\n";

      assertThat(workshop.refuse(job(script)).summary())
          .isEqualTo("the build made more than 300,000 files");
    } finally {
      workshop.limitTo(LIMITS);
    }
  }
}
