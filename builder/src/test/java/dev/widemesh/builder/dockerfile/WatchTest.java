package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.model.Strain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-12")
class WatchTest {
  private static final BuildLimits LIMITS =
      new BuildLimits(Duration.ofSeconds(40), 700_000_000, 2, 100, 1_000_000, 5_000_000);

  @TempDir Path folder;

  @Test
  void whatever_breaks_a_watch_ends_the_build() throws Exception {
    var stopped = new CountDownLatch(1);
    Watch.Look look =
        () -> {
          throw new OutOfMemoryError("no room to count");
        };

    try (var watch = new Watch("test", look, stopped::countDown)) {
      assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(watch.verdict().orElseThrow().summary())
          .isEqualTo("the build was stopped: its limits could not be kept");
    }
  }

  private KitWatch watch(Supplier<OpenFiles.Sum> unlinked) throws IOException {
    var progress = new KitProgress((Draft _) -> {});
    return new KitWatch(List.of(folder), LIMITS, progress, () -> Strain.NONE, unlinked, () -> {});
  }

  @Test
  void a_build_that_opens_too_many_files_is_refused() throws Exception {
    try (var watch = watch(() -> new OpenFiles.Sum(0, true))) {
      assertThat(watch.last().orElseThrow().summary())
          .isEqualTo("the build opened more than 100,000 files at once");
    }
  }

  @Test
  void what_is_deleted_and_open_adds_to_what_is_written() throws Exception {
    try (var watch = watch(() -> new OpenFiles.Sum(600_000, false))) {
      Files.write(folder.resolve("half"), new byte[600_000]);

      assertThat(watch.last().orElseThrow().summary()).isEqualTo("the build wrote more than 1 MB");
    }
  }

  @Test
  void open_files_are_counted_only_where_those_in_folders_are_few_enough() throws Exception {
    var asked = new AtomicInteger();
    try (var watch = watch(() -> new OpenFiles.Sum(0, asked.incrementAndGet() > 0))) {
      Files.write(folder.resolve("large"), new byte[2_000_000]);

      assertThat(watch.last().orElseThrow().summary()).isEqualTo("the build wrote more than 1 MB");
      assertThat(asked).hasValue(0);
    }
  }
}
