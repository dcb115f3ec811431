package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.lifecycle.Amount;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-12")
class KitBaseTest {
  private static final int SIZE = 20_000_000;

  @TempDir static Path folder;
  private static final Engine engine = new Engine("none", "127.0.0.1:1", "", "");
  private static String id;

  @BeforeAll
  static void image() throws Exception {
    var tar = folder.resolve("image.tar");
    try (var out = new TarArchiveOutputStream(Files.newOutputStream(tar))) {
      var entry = new TarArchiveEntry("file");
      entry.setSize(SIZE);
      out.putArchiveEntry(entry);
      var content = new byte[SIZE];
      new Random().nextBytes(content);
      out.write(content);
      out.closeArchiveEntry();
    }
    id = docker().succeed("import", tar.toString()).replace("sha256:", "");
  }

  @AfterAll
  static void close() throws Exception {
    docker().succeed("rmi", id);
    engine.close();
  }

  private static Docker docker() {
    return new Docker(folder.resolve("docker"));
  }

  @Test
  void an_image_is_written_once_and_every_blob_is_what_its_name_says() throws Exception {
    var bases = folder.resolve("whole");
    var room = new KitRoom(folder, 2 * SIZE);

    var digest = new KitBase(bases, id).ensured(engine, room);

    var root = bases.resolve(id);
    var blobs = root.resolve("blobs").resolve("sha256");
    assertThat(blobs.resolve(digest.replace("sha256:", ""))).exists();
    try (var all = Files.list(blobs)) {
      for (var blob : all.toList()) {
        assertThat(Sha256.of(blob)).isEqualTo("sha256:" + blob.getFileName());
        assertThat(Files.getPosixFilePermissions(blob)).contains(PosixFilePermission.OTHERS_READ);
      }
    }
    var written = Files.getLastModifiedTime(root);
    assertThat(new KitBase(bases, id).ensured(engine, new KitRoom(folder, 2 * SIZE)))
        .isEqualTo(digest);
    assertThat(Files.getLastModifiedTime(root)).isEqualTo(written);
    // Not more for being there already.
    assertThatThrownBy(() -> new KitBase(bases, id).ensured(engine, new KitRoom(folder, SIZE / 2)))
        .isInstanceOf(BuildRefused.class);
  }

  @Test
  void one_that_takes_too_much_is_refused_before_it_is_written() throws Exception {
    var bases = folder.resolve("large");

    assertThatThrownBy(() -> new KitBase(bases, id).ensured(engine, new KitRoom(folder, SIZE / 2)))
        .isInstanceOf(BuildRefused.class)
        .hasMessage("the base images take more than 10 MB");
    assertThat(Amount.of(List.of(bases)).bytes()).isLessThan(SIZE * 3 / 4);
    assertThat(bases.resolve(id)).doesNotExist();
  }

  @Test
  void a_build_that_is_stopped_waits_for_none() throws Exception {
    var images = new StoppableImages((_, name) -> name, Optional.empty());
    var begun = new CountDownLatch(1);
    var left = new CountDownLatch(1);
    var stopper =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    begun.await();
                    images.stop();
                  } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                  }
                });

    assertThatThrownBy(
            () ->
                images.unlessStopped(
                    () -> {
                      begun.countDown();
                      try {
                        for (var i = 0; i < 10_000; i++) {
                          new KitBase(folder.resolve("again" + i), id)
                              .ensured(engine, new KitRoom(folder, 2 * SIZE));
                        }
                        return "all of them";
                      } finally {
                        left.countDown();
                      }
                    }))
        .hasMessageContaining("the build was stopped");

    assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
    stopper.join();
  }
}
