package dev.widemesh.rack;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes from this server the images that the registry has given up: those of deleted
/// environments, and those that nobody can roll back to any more. What a container uses stays, and
/// what is no app: the builder's images are not for racks to judge.
final class ImageJanitor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ImageJanitor.class);
  private static final Duration ROUND = Duration.ofMinutes(10);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final String APPS = "/apps";
  private static final String MANIFESTS =
      "application/vnd.oci.image.manifest.v1+json,"
          + "application/vnd.docker.distribution.manifest.v2+json";

  private final Engine engine;
  private final RackRunnerConfig config;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final Thread thread = Thread.ofVirtual().name("image-janitor").unstarted(this::rounds);

  ImageJanitor(Engine engine, RackRunnerConfig config) {
    this.engine = engine;
    this.config = config;
  }

  void start() {
    thread.start();
  }

  private void rounds() {
    try {
      while (true) {
        Thread.sleep(ROUND);
        round();
      }
    } catch (InterruptedException _) {
      log.debug("the image janitor stopped");
    }
  }

  void round() throws InterruptedException {
    try {
      for (var reference : engine.imagesFrom(config.registry() + APPS)) {
        if (isGivenUp(reference) && engine.removeImage(reference)) {
          log.info("removed image {}", reference);
        }
      }
    } catch (IOException | RuntimeException e) {
      log.warn("images stay for now: {}", e.toString());
    }
  }

  /// Only a clear answer counts: a registry that is silent or refuses has given up nothing.
  private boolean isGivenUp(String reference) throws IOException, InterruptedException {
    var path = reference.substring(config.registry().length() + 1).replace("@", "/manifests/");
    var request =
        HttpRequest.newBuilder(URI.create("http://" + config.registry() + "/v2/" + path))
            .method("HEAD", BodyPublishers.noBody())
            .timeout(ANSWER)
            .header("Accept", MANIFESTS)
            .header("Authorization", "Basic " + secret())
            .build();
    return http.send(request, BodyHandlers.discarding()).statusCode() == 404;
  }

  private String secret() {
    var secret = config.registryUser() + ":" + config.registryPassword();
    return Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
