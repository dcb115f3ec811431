package dev.widemesh.builder.lifecycle;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.widemesh.model.Diagnosis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The Docker Engine, as far as builds need it. Calls have deadlines; streams have a client of
/// their own, so that a silent one holds up nothing else.
public final class Engine implements AutoCloseable {
  public static final String PLATFORM = "dev.widemesh.platform";
  public static final String BUILD = "dev.widemesh.build";
  private static final Logger log = LoggerFactory.getLogger(Engine.class);
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final Duration PULL = Duration.ofMinutes(5);
  private static final Duration ENDING = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(10);

  /// A removal may be under way: a disk is slow, or the daemon.
  private static final Duration GOING = Duration.ofMinutes(2);

  private static final Duration GLANCE = Duration.ofMillis(200);

  private final String platform;
  private final AuthConfig registry;
  private final DockerHttpClient http = http(ANSWER);
  private final DockerClient calls = client(http);
  private final DockerClient streams = client(http(Duration.ZERO));

  /// `registry` is `host:port` of the platform's own.
  public Engine(String platform, String registry, String user, String password) {
    this.platform = platform;
    this.registry =
        new AuthConfig().withRegistryAddress(registry).withUsername(user).withPassword(password);
  }

  // The API version is left to the daemon: new ones refuse what old ones know, and the reverse.
  private static DockerClient client(DockerHttpClient http) {
    return DockerClientImpl.getInstance(settings(), http);
  }

  private static DockerClientConfig settings() {
    return DefaultDockerClientConfig.createDefaultConfigBuilder().build();
  }

  private static DockerHttpClient http(Duration answer) {
    return new ZerodepDockerHttpClient.Builder()
        .dockerHost(settings().getDockerHost())
        .sslConfig(settings().getSSLConfig())
        .connectionTimeout(CONNECT)
        .responseTimeout(answer)
        .build();
  }

  /// For calls that the client has no word for.
  public DockerHttpClient http() {
    return http;
  }

  public DockerClient calls() {
    return calls;
  }

  public DockerClient streams() {
    return streams;
  }

  /// Where it keeps images and containers, if that is on this machine.
  public Optional<Path> root() {
    var folder = calls.infoCmd().exec().getDockerRootDir();
    return Optional.ofNullable(folder).map(Path::of).filter(Files::isDirectory);
  }

  public String platform() {
    return platform;
  }

  /// `host:port` of the platform's own.
  public String registry() {
    return String.valueOf(registry.getRegistryAddress());
  }

  /// Of all builds that can do nothing there but speak for themselves.
  public String network() {
    return "wm-" + platform + "build";
  }

  /// A bridge on which containers do not reach one another.
  public synchronized void ensureNetwork(String name) {
    // The engine's filter takes names that only contain this one.
    if (calls.listNetworksCmd().withNameFilter(name).exec().stream()
        .anyMatch(network -> name.equals(network.getName()))) {
      return;
    }
    calls
        .createNetworkCmd()
        .withName(name)
        .withDriver("bridge")
        .withCheckDuplicate(true)
        .withLabels(Map.of(PLATFORM, platform))
        .withOptions(
            Map.of(
                "com.docker.network.bridge.name",
                name,
                "com.docker.network.bridge.enable_icc",
                "false"))
        .exec();
    log.info("network {} made", name);
  }

  public void ensureImage(String reference) throws IOException, InterruptedException, BuildRefused {
    try {
      calls.inspectImageCmd(reference).exec();
    } catch (NotFoundException _) {
      pull(reference);
    }
  }

  private void pull(String reference) throws InterruptedException, BuildRefused {
    try {
      var done =
          streams
              .pullImageCmd(reference)
              .withAuthConfig(registry)
              .start()
              .awaitCompletion(PULL.toSeconds(), TimeUnit.SECONDS);
      if (!done) {
        throw new DockerException("no end after " + PULL.toSeconds() + " s", 504);
      }
    } catch (DockerException e) {
      throw new BuildRefused(
          new Diagnosis.Platform(
              "Docker cannot pull the build image " + reference,
              List.of(String.valueOf(e.getMessage())),
              "look at ./widemesh status, then push again"));
    }
  }

  /// Sends an image to our own registry. Answers the digest of what it sent: by its tag somebody
  /// else's could be there already.
  public String push(String name, String tag) throws InterruptedException, BuildRefused {
    try (var push =
        streams
            .pushImageCmd(name)
            .withTag(tag)
            .withAuthConfig(registry)
            .exec(new PushReport(tag))) {
      if (!push.awaitCompletion(PULL.toSeconds(), TimeUnit.SECONDS)) {
        throw new DockerException("no end after " + PULL.toSeconds() + " s", 504);
      }
      return push.digest();
    } catch (DockerException | IOException e) {
      throw new BuildRefused(
          new Diagnosis.Platform(
              "Docker cannot push the image to the registry",
              List.of(String.valueOf(e.getMessage())),
              "look at ./widemesh status, then push again"));
    }
  }

  /// Everything of anybody that carries this label.
  public List<Container> containers(String label) {
    return calls.listContainersCmd().withShowAll(true).withLabelFilter(List.of(label)).exec();
  }

  /// Anybody's on that network, also those that do not run.
  public List<Container> containersOn(String network) {
    return calls.listContainersCmd().withShowAll(true).withNetworkFilter(List.of(network)).exec();
  }

  public List<Image> images(String label) {
    return calls.listImagesCmd().withShowAll(true).withFilter("label", List.of(label)).exec();
  }

  /// Removes what an earlier life of this builder left behind.
  void sweep() {
    for (var container : leftovers()) {
      log.info("removing container {} of a build that ended", container.getId());
      remove(container.getId());
    }
  }

  private List<Container> leftovers() {
    return calls
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of(PLATFORM, platform))
        .withLabelFilter(List.of(BUILD, PLATFORM + "=" + platform))
        .exec();
  }

  /// Of a program run in a container, once its output has ended. -1 where nobody knows it.
  public int exitCode(String exec) throws InterruptedException {
    var end = System.nanoTime() + ENDING.toNanos();
    // The daemon ends the output first and learns of the program's end after it.
    while (true) {
      var seen = calls.inspectExecCmd(exec).exec();
      var code = seen.getExitCodeLong();
      if (code != null) {
        return Math.toIntExact(code);
      }
      if (!Boolean.TRUE.equals(seen.isRunning()) || System.nanoTime() > end) {
        return -1;
      }
      Thread.sleep(LOOK);
    }
  }

  public void kill(String container) {
    try {
      calls.killContainerCmd(container).exec();
    } catch (NotFoundException | NotModifiedException _) {
      log.debug("container {} is gone already", container);
    } catch (DockerException e) {
      log.debug("container {} does not run: {}", container, e.getMessage());
    }
  }

  /// What cannot be removed within 10 s the next start sweeps.
  public void remove(String container) {
    var _ = goes(container, ENDING);
  }

  /// Whether nothing in it runs any more, for which it has 2 min: it is gone, or ended and cannot
  /// be removed.
  boolean end(String container) {
    return goes(container, GOING);
  }

  private enum Sight {
    GONE,
    ENDED,
    RUNS,
    UNKNOWN
  }

  /// Asks again, for a daemon that starts anew forgets what it was asked. After 10 s one in which
  /// nothing runs is enough.
  private boolean goes(String container, Duration atMost) {
    var begin = System.nanoTime();
    var sight = removal(container);
    try {
      while (sight != Sight.GONE) {
        var waited = Duration.ofNanos(System.nanoTime() - begin);
        if (waited.compareTo(atMost) >= 0
            || (sight == Sight.ENDED && waited.compareTo(ENDING) >= 0)) {
          log.warn("container {} is not removed: {}", container, sight);
          break;
        }
        Thread.sleep(GLANCE);
        sight = removal(container);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return sight == Sight.GONE || sight == Sight.ENDED;
  }

  private Sight removal(String container) {
    try {
      calls.removeContainerCmd(container).withForce(true).withRemoveVolumes(true).exec();
      return Sight.GONE;
    } catch (NotFoundException _) {
      return Sight.GONE;
    } catch (RuntimeException e) { // somebody removes it already, or there was no answer in time
      log.debug("container {} is not removed: {}", container, e.toString());
      return look(container);
    }
  }

  private Sight look(String container) {
    try {
      var state = calls.inspectContainerCmd(container).exec().getState();
      return Boolean.FALSE.equals(state.getRunning()) ? Sight.ENDED : Sight.RUNS;
    } catch (NotFoundException _) {
      return Sight.GONE;
    } catch (RuntimeException e) { // of the client as well: no answer in time
      log.debug("container {} cannot be looked at: {}", container, e.toString());
      return Sight.UNKNOWN;
    }
  }

  @Override
  public void close() throws IOException {
    calls.close();
    streams.close();
  }
}
