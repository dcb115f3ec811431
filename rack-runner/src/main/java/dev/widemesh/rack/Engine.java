package dev.widemesh.rack;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.widemesh.api.rack.RackSurvey;
import dev.widemesh.rack.Seen.Phase;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Docker, in the few verbs that we need. What has already happened is success. Every call has a
/// deadline, the shorter one where nothing is to be done; streams have an HTTP client of their own,
/// so that a hundred followed logs cannot keep a stop waiting for a connection.
final class Engine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Engine.class);
  private static final Duration CONNECT = Duration.ofSeconds(5);
  static final Duration LOOK = Duration.ofSeconds(10);

  /// A disk may have much to do for a container that goes, and Docker itself waits 10 s for a kill.
  private static final Duration ACT = Duration.ofSeconds(20);

  private static final int CONNECTIONS = 64;
  private static final int STREAMS = 4_000;

  private final DockerClient looks;
  private final DockerClient acts;
  private final DockerClient streams;

  private Engine(DefaultDockerClientConfig config, Duration look, Duration act) {
    this.looks = client(config, CONNECTIONS, look);
    this.acts = client(config, CONNECTIONS, act);
    this.streams = client(config, STREAMS, Duration.ZERO);
  }

  static Engine connect() {
    return new Engine(DefaultDockerClientConfig.createDefaultConfigBuilder().build(), LOOK, ACT);
  }

  static Engine connect(String host, Duration look, Duration act) {
    return new Engine(
        DefaultDockerClientConfig.createDefaultConfigBuilder().withDockerHost(host).build(),
        look,
        act);
  }

  private static DockerClient client(
      DefaultDockerClientConfig config, int connections, Duration answer) {
    var http =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(config.getDockerHost())
            .sslConfig(config.getSSLConfig())
            .maxConnections(connections)
            .connectionTimeout(CONNECT);
    return DockerClientImpl.getInstance(
        config, (answer.isZero() ? http : http.responseTimeout(answer)).build());
  }

  List<Seen> containers(Map<String, String> labels) {
    return looks.listContainersCmd().withShowAll(true).withLabelFilter(labels).exec().stream()
        .map(container -> inspect(container.getId()))
        .flatMap(Optional::stream)
        .toList();
  }

  /// Also those that are no instance and no job: a build, say.
  List<String> everyContainer(String platform) {
    return looks
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of(Labels.PLATFORM, platform))
        .exec()
        .stream()
        .map(container -> container.getId())
        .toList();
  }

  /// Empty where it is gone, going, or not ours.
  private Optional<Seen> inspect(String container) {
    try {
      var found = looks.inspectContainerCmd(container).exec();
      var labels = found.getConfig().getLabels();
      return Optional.ofNullable(labels)
          .flatMap(Labels::read)
          .flatMap(read -> phase(found).map(phase -> seen(found, read, phase)));
    } catch (NotFoundException _) {
      return Optional.empty();
    }
  }

  private static Seen seen(InspectContainerResponse found, Labels labels, Phase phase) {
    return new Seen(found.getId(), found.getName().substring(1), labels, address(found), phase);
  }

  /// The one we gave it, which it has while it does not run, too.
  private static String address(InspectContainerResponse found) {
    return found.getNetworkSettings().getNetworks().values().stream()
        .map(network -> network.getIpamConfig())
        .filter(Objects::nonNull)
        .map(config -> config.getIpv4Address())
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("");
  }

  private static Optional<Phase> phase(InspectContainerResponse found) {
    var state = found.getState();
    var started = Instant.parse(state.getStartedAt());
    return switch (String.valueOf(state.getStatus())) {
      case "created" -> Optional.of(new Phase.Created());
      case "running", "paused", "restarting" ->
          Optional.of(new Phase.Running(started, number(state.getPidLong())));
      case "exited", "dead" ->
          Optional.of(
              new Phase.Ended(
                  started,
                  Instant.parse(state.getFinishedAt()),
                  (int) number(state.getExitCodeLong()),
                  Boolean.TRUE.equals(state.getOOMKilled())));
      default -> Optional.empty();
    };
  }

  private static long number(@Nullable Long value) {
    return value == null ? 0 : value;
  }

  String create(ContainerRecipe recipe) {
    return recipe.on(acts).exec().getId();
  }

  void start(String container) {
    try {
      acts.startContainerCmd(container).exec();
    } catch (NotModifiedException _) {
      // It runs already.
    }
  }

  void signal(String container, String signal) {
    try {
      acts.killContainerCmd(container).withSignal(signal).exec();
    } catch (NotFoundException | ConflictException _) {
      // It ended meanwhile.
    }
  }

  void remove(String container) {
    try {
      acts.removeContainerCmd(container).withForce(true).withRemoveVolumes(true).exec();
    } catch (NotFoundException | ConflictException _) {
      // It is gone, or going.
    }
  }

  boolean hasImage(String reference) {
    try {
      looks.inspectImageCmd(reference).exec();
      return true;
    } catch (NotFoundException _) {
      return false;
    }
  }

  /// What was pulled from that registry, as `<registry>/<repository>@<digest>`.
  List<String> imagesFrom(String place) {
    return looks.listImagesCmd().exec().stream()
        .map(Image::getRepoDigests)
        .filter(Objects::nonNull)
        .flatMap(Arrays::stream)
        .filter(reference -> reference.startsWith(place + "/"))
        .toList();
  }

  /// Whether it went: Docker keeps one that a container uses.
  boolean removeImage(String reference) {
    try {
      acts.removeImageCmd(reference).exec();
      return true;
    } catch (NotFoundException | ConflictException _) {
      return false;
    }
  }

  void pull(String reference, AuthConfig auth, Duration limit) throws InterruptedException {
    var pull = new Pull();
    try (pull) {
      streams.pullImageCmd(reference).withAuthConfig(auth).exec(pull).await(limit);
    } catch (IOException e) {
      log.debug("closing the pull of {}", reference, e);
    }
  }

  /// Whatever bears the platform's label or name, as Docker lists it.
  List<RackSurvey.Container> everything(String platform) {
    var found = new LinkedHashMap<String, RackSurvey.Container>();
    for (var container : looks.listContainersCmd().withShowAll(true).exec()) {
      var labels = Objects.requireNonNullElse(container.getLabels(), Map.<String, String>of());
      var name = container.getNames()[0].substring(1);
      if (platform.equals(labels.get(Labels.PLATFORM)) || name.startsWith("wm-" + platform + "-")) {
        found.put(container.getId(), surveyed(container, name, labels));
      }
    }
    return List.copyOf(found.values());
  }

  private static RackSurvey.Container surveyed(
      Container container, String name, Map<String, String> labels) {
    return new RackSurvey.Container(
        container.getId(),
        name,
        String.valueOf(container.getState()),
        address(container),
        labels.getOrDefault(Labels.ENVIRONMENT, ""),
        labels.getOrDefault(Labels.PREFIX + "instance", ""),
        labels.getOrDefault(Labels.PREFIX + "job", ""),
        labels.getOrDefault(Labels.PREFIX + "build", ""));
  }

  private static String address(Container container) {
    var settings = container.getNetworkSettings();
    if (settings == null || settings.getNetworks() == null) {
      return "";
    }
    return settings.getNetworks().values().stream()
        .map(ContainerNetwork::getIpamConfig)
        .filter(Objects::nonNull)
        .map(ContainerNetwork.Ipam::getIpv4Address)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("");
  }

  RackSurvey.Docker facts() {
    var info = looks.infoCmd().exec();
    return new RackSurvey.Docker(
        String.valueOf(info.getServerVersion()),
        Boolean.TRUE.equals(info.getRawValues().get("LiveRestoreEnabled")));
  }

  /// All of that platform but the builds' own.
  List<RackSurvey.Network> everyOwnNetwork(String platform) {
    var found = new ArrayList<RackSurvey.Network>();
    for (var network : looks.listNetworksCmd().exec()) {
      var labels = Objects.requireNonNullElse(network.getLabels(), Map.<String, String>of());
      var ours =
          platform.equals(labels.get(Labels.PLATFORM))
              || network.getName().startsWith("wm-" + platform + "-");
      if (ours && !network.getName().matches("wm-" + platform + "build\\d{0,3}")) {
        found.add(
            new RackSurvey.Network(network.getName(), labels.getOrDefault(Labels.ENVIRONMENT, "")));
      }
    }
    return found;
  }

  /// Names of all of that platform, the builds' own among them.
  List<String> everyNetwork(String platform) {
    return looks.listNetworksCmd().exec().stream()
        .map(Network::getName)
        .filter(name -> name.startsWith("wm-" + platform))
        .toList();
  }

  /// Names of ours, by environment.
  Map<String, String> networks(String platform) {
    var networks = new java.util.HashMap<String, String>();
    for (var network : looks.listNetworksCmd().exec()) {
      var labels = network.getLabels();
      if (labels != null && platform.equals(labels.get(Labels.PLATFORM))) {
        var environment = labels.get(Labels.ENVIRONMENT);
        if (environment != null) {
          networks.put(environment, network.getName());
        }
      }
    }
    return networks;
  }

  /// Of the network with that name.
  Optional<Subnet> subnet(String name) {
    return looks.listNetworksCmd().withNameFilter(name).exec().stream()
        .filter(network -> network.getName().equals(name))
        .flatMap(Engine::subnets)
        .findFirst();
  }

  List<Subnet> subnets() {
    return looks.listNetworksCmd().exec().stream().flatMap(Engine::subnets).toList();
  }

  private static java.util.stream.Stream<Subnet> subnets(Network network) {
    var ipam = network.getIpam();
    if (ipam == null || ipam.getConfig() == null) {
      return java.util.stream.Stream.empty();
    }
    return ipam.getConfig().stream()
        .map(Network.Ipam.Config::getSubnet)
        .filter(subnet -> subnet != null && subnet.indexOf(':') < 0)
        .map(Subnet::parse);
  }

  /// A bridge of its own, IPv4 only.
  void createNetwork(String name, String bridge, Subnet subnet, Map<String, String> labels) {
    var config =
        new Network.Ipam.Config().withSubnet(subnet.toString()).withGateway(subnet.routerAddress());
    var options =
        Map.of(
            "com.docker.network.bridge.name", bridge,
            "com.docker.network.bridge.enable_icc", "true",
            "com.docker.network.bridge.enable_ip_masquerade", "true");
    acts.createNetworkCmd()
        .withName(name)
        .withDriver("bridge")
        .withCheckDuplicate(true)
        .withEnableIpv6(false)
        .withIpam(new Network.Ipam().withConfig(config))
        .withOptions(options)
        .withLabels(labels)
        .exec();
  }

  void removeNetwork(String name) {
    try {
      acts.removeNetworkCmd(name).exec();
    } catch (NotFoundException _) {
      // Gone already.
    }
  }

  /// Until it is closed, or Docker goes away.
  Closeable events(Map<String, String> labels, ResultCallback.Adapter<Event> callback) {
    var filters = new ArrayList<String>();
    labels.forEach((name, value) -> filters.add(name + "=" + value));
    return streams
        .eventsCmd()
        .withLabelFilter(filters.toArray(String[]::new))
        .withEventTypeFilter(com.github.dockerjava.api.model.EventType.CONTAINER)
        .exec(callback);
  }

  /// Until the container ends.
  Closeable follow(String container, Instant since, ResultCallback.Adapter<Frame> callback) {
    return streams
        .logContainerCmd(container)
        .withStdOut(true)
        .withStdErr(true)
        .withTimestamps(true)
        .withFollowStream(true)
        .withSince((int) since.getEpochSecond())
        .exec(callback);
  }

  @Override
  public void close() {
    for (var client : Arrays.asList(streams, looks, acts)) {
      try {
        client.close();
      } catch (IOException e) {
        log.debug("closing a Docker client", e);
      }
    }
  }
}
