package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StoppableImagesTest {
  private static final Instruction FROM = new Instruction(1, "FROM", List.of(), "a");

  @Test
  void a_pull_ends_with_its_build_and_none_follows() throws Exception {
    var pulling = new CountDownLatch(1);
    var left = new CountDownLatch(1);
    BaseImages endless =
        (_, name) -> {
          pulling.countDown();
          try {
            new CountDownLatch(1).await();
          } finally {
            left.countDown();
          }
          return name;
        };
    var images = new StoppableImages(endless, Optional.empty());
    var stopper =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    pulling.await();
                    images.stop();
                  } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                  }
                });

    assertThatThrownBy(() -> images.find(FROM, "a"))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining("the build was stopped");
    assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> images.find(FROM, "b")).isInstanceOf(BuildRefused.class);
    stopper.join();
  }

  @Test
  void what_is_wrong_with_an_image_is_passed_on() {
    var images =
        new StoppableImages(
            (_, name) -> {
              throw new IOException("no " + name);
            },
            Optional.empty());

    assertThatThrownBy(() -> images.find(FROM, "a"))
        .isInstanceOf(IOException.class)
        .hasMessage("no a");
  }
}
