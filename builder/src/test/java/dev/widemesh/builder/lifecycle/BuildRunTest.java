package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.ImageConfig;
import dev.widemesh.builder.image.ImageRecipe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuildRunTest {
  private static final Path BUILDPACKS = Path.of("..", "buildpacks").toAbsolutePath().normalize();
  private static final String STACK = "shop";

  @TempDir private Path folder;
  private final String platform = UUID.randomUUID().toString().substring(0, 4);
  private final List<Draft> said = new CopyOnWriteArrayList<>();

  private KeptLayer keep(CacheShelf shelf) throws IOException {
    try (var hold = shelf.take(STACK)) {
      var made = Files.createDirectory(folder.resolve("made"));
      Files.writeString(made.resolve("file"), "of the last build");
      var listing = FolderListing.of(made);
      var kept =
          new KeptLayer(
              "test/one",
              "layer",
              hold.cache().adopt(made),
              Map.of(),
              null,
              0,
              listing.hash(),
              listing.bytes(),
              Map.of(),
              null);
      hold.cache().commit(new CacheIndex(List.of(kept), Map.of()));
      return kept;
    }
  }

  private LifecycleConfig config(String registry) {
    return new LifecycleConfig(
        folder,
        BUILDPACKS,
        registry,
        Optional.empty(),
        Map.of(),
        Mirrors.NONE,
        BuildLimits.USUAL,
        LifecycleConfig.CACHE_BYTES);
  }

  private static BuildRequest request() {
    var reference = "base@sha256:" + "0".repeat(64);
    var settings =
        new ImageRecipe.Settings(
            Map.of(), Map.of(), "1000:1000", "/workspace", List.of(), List.of(), Set.of());
    var image =
        new BuildRequest.BaseImage(reference, "1", new ImageConfig(reference, settings, List.of()));
    var build = UUID.randomUUID().toString();
    return new BuildRequest(build, STACK, "c0ffee", Map.of(), List.of(), image, image);
  }

  /// The registry takes the question for the build's image, and is silent.
  @Test
  @Timeout(120)
  void a_push_that_ends_before_its_container_is_up_costs_the_next_one_nothing() throws Exception {
    var shelf = new CacheShelf(folder.resolve("caches"), 1_000_000);
    var kept = keep(shelf);
    var cleared = new CompletableFuture<String>();
    var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var registry = "127.0.0.1:" + silent.getLocalPort();
    try (var engine = new Engine(platform, registry, "user", "password");
        var cleaning = new Cleaning()) {
      var work = WorkFolders.create(folder.resolve("work"));
      var run =
          new BuildRun(
              config(registry),
              engine,
              Catalogue.read(BUILDPACKS),
              shelf,
              cleaning,
              request(),
              work,
              said::add,
              cleared::complete);
      while (!Files.exists(work.staging().resolve(kept.folder()).resolve("file"))) {
        Thread.sleep(10);
      }

      run.close();

      assertThat(staged(shelf)).containsExactly(kept);
      assertThat(said).as("it waited for nothing").isEmpty();
      assertThat(cleared).isNotDone();
      silent.close();
      cleared.get(1, TimeUnit.MINUTES);
      assertThat(work.root()).doesNotExist();
    } finally {
      silent.close();
      new Docker(folder.resolve("docker")).run("network", "rm", "wm-" + platform + "build");
    }
  }

  private List<KeptLayer> staged(CacheShelf shelf) throws Exception {
    var deadline = Deadline.in(Duration.ofMinutes(15), InstantSource.system());
    try (var next = shelf.take(STACK)) {
      return next.stage(folder.resolve("next"), deadline, said::add).whole().layers();
    }
  }
}
