package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.ApiClient;
import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.lifecycle.BuildRequest.BaseImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ImageCollectionTest {
  @TempDir private Path folder;

  @Test
  void what_the_controller_keeps_and_the_base_images_stay() throws IOException {
    try (var registry = RunningRegistry.in(folder.resolve("registry"))) {
      var exporter = registry.exporter(folder.resolve("cache"));
      var base = RunningRegistry.push(exporter, "widemesh/run", folder);
      var kit = RunningRegistry.push(exporter, "widemesh/kit", folder);
      var live = RunningRegistry.push(exporter, "apps/live", folder);
      var gone = RunningRegistry.push(exporter, "apps/gone", folder);

      collect(registry, exporter, base, Optional.of(kit), 200, Json.write(List.of(live)));

      assertThat(has(registry, base)).isTrue();
      assertThat(has(registry, kit)).isTrue();
      assertThat(has(registry, live)).isTrue();
      assertThat(has(registry, gone)).isFalse();
    }
  }

  @Test
  void a_controller_that_does_not_say_what_to_keep_keeps_everything() throws IOException {
    try (var registry = RunningRegistry.in(folder.resolve("registry"))) {
      var exporter = registry.exporter(folder.resolve("cache"));
      var base = RunningRegistry.push(exporter, "widemesh/run", folder);
      var live = RunningRegistry.push(exporter, "apps/live", folder);

      collect(
          registry,
          exporter,
          base,
          Optional.empty(),
          503,
          "{\"code\":\"x\",\"message\":\"not now\"}");

      assertThat(has(registry, live)).isTrue();
    }
  }

  private static void collect(
      RunningRegistry registry,
      ImageExporter exporter,
      String base,
      Optional<String> kit,
      int status,
      String answer)
      throws IOException {
    var controller = controller(status, answer);
    try {
      var uri = URI.create("http://127.0.0.1:" + controller.getAddress().getPort());
      var image = new BaseImage(base, "1", exporter.inspect(base));
      var never = new Bases(new NoBases(), exporter);
      new ImageCollection(
              new ApiClient(uri, "token"), registry.registry(), never, () -> kit, _ -> {})
          .round(new Bases.Pair(image, image), Duration.ZERO);
    } finally {
      controller.stop(0);
    }
  }

  private static HttpServer controller(int status, String answer) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        Route.KEPT_IMAGES.path(),
        exchange -> {
          var bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static boolean has(RunningRegistry registry, String reference) throws IOException {
    return registry.registry().lacks(reference).isEmpty();
  }

  /// This test brings its own.
  private static final class NoBases implements BaseSource {
    @Override
    public dev.widemesh.builder.debian.Base run(java.util.function.Consumer<String> progress)
        throws IOException {
      throw new IOException("none here");
    }

    @Override
    public dev.widemesh.builder.debian.Base build(java.util.function.Consumer<String> progress)
        throws IOException {
      throw new IOException("none here");
    }
  }
}
