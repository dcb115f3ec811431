package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.AuthConfig;
import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.builder.image.Architecture;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.model.RegistryHost;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;

/// Base images in the engine, for one build until it is closed. Ours have names of their own; any
/// other is pulled each time, so that nobody builds on an image only because somebody else's lies
/// there.
final class EngineImages implements BaseImages, AutoCloseable {
  private static final Duration PULL = Duration.ofMinutes(5);
  private static final Set<String> PROCESSORS =
      Set.of("amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64");

  private final Engine engine;
  private final Origins origins;
  private final PulledImages.Use pulled;
  private final ProvenNames names;
  private final Registries registries;
  private final RegistryCalls calls;
  private final Provenance provenance;
  private final Map<String, String> digests = new ConcurrentSkipListMap<>();
  private volatile String digest = "";

  EngineImages(Engine engine, Origins origins, PulledImages.Use pulled, ProvenNames names) {
    this.engine = engine;
    this.origins = origins;
    this.pulled = pulled;
    this.names = names;
    this.registries = new Registries(origins.registries(), NameLookup.SYSTEM);
    this.calls = new RegistryCalls(engine);
    this.provenance = new Provenance(calls, origins, RegistryHost.parse(engine.registry()));
  }

  @Override
  public String find(Instruction where, String name)
      throws IOException, InterruptedException, BuildRefused {
    var tagged = tagged(name);
    var own = origins.ours().get(tagged);
    if (own != null) {
      engine.ensureImage(own);
      digests.put(tagged, own.substring(own.indexOf('@') + 1));
      return usable(where, name, inspected(own));
    }
    if (tagged.startsWith("widemesh/")) {
      throw where.refused("there is no base image " + name, PullFailure.OURS);
    }
    var host = registries.require(where, name);
    var login = origins.login(host);
    var before = names.begin(tagged);
    try {
      pulled.begin(tagged);
      pull(new PullFailure(where, name, host, login), tagged);
      var image = inspected(tagged);
      requireProven(where, name, tagged, image, before);
      var id = usable(where, name, image);
      pulled.arrived(tagged, id);
      digest = digest(tagged, image);
      if (!digest.isEmpty()) {
        digests.put(tagged, digest);
      }
      return id;
    } finally {
      names.end(tagged);
    }
  }

  private void requireProven(
      Instruction where, String name, String tagged, InspectImageResponse image, Inventory before)
      throws IOException, BuildRefused {
    if (!provenance.allows(tagged, image, before, names.inventory())) {
      names.refuse(tagged);
      throw where.refused(
          "the base image %s is here under another name, which does not open to this environment"
              .formatted(name),
          "use that name with credentials (mesh registry login), or build it anew: a LABEL will"
              + " do");
    }
    names.accept(tagged, String.valueOf(image.getId()));
  }

  /// Of the image that was pulled last, where it came from.
  Optional<String> digest() {
    return Optional.of(digest).filter(known -> !known.isEmpty());
  }

  /// By name; without those whose digest is not known.
  Map<String, String> digests() {
    return new TreeMap<>(digests);
  }

  private static String digest(String tagged, InspectImageResponse image) {
    var all = image.getRepoDigests();
    return all == null
        ? ""
        : all.stream()
            .filter(name -> Repository.of(name).equals(Repository.of(tagged)))
            .map(name -> name.substring(name.indexOf('@') + 1))
            .findFirst()
            .orElse("");
  }

  @Override
  public void close() {
    pulled.close();
  }

  private static String tagged(String name) {
    var last = name.substring(name.lastIndexOf('/') + 1);
    return last.contains(":") || last.contains("@") ? name : name + ":latest";
  }

  private void pull(PullFailure failure, String tagged)
      throws IOException, InterruptedException, BuildRefused {
    // By its digest the engine takes what it has, whoever pulled that, without asking anybody.
    if (tagged.contains("@")) {
      var reply = calls.serves(tagged, failure.login());
      if (!reply.isGood()) {
        throw failure.of(reply.message());
      }
    }
    try (var pull =
        engine.streams().pullImageCmd(tagged).withAuthConfig(auth(failure.login())).start()) {
      if (!pull.awaitCompletion(PULL.toSeconds(), TimeUnit.SECONDS)) {
        throw failure
            .where()
            .refused(
                "the base image %s did not arrive within %d s"
                    .formatted(failure.image(), PULL.toSeconds()),
                "try again, or " + failure.where().otherwise());
      }
    } catch (DockerException | DockerClientException e) {
      throw failure.of(String.valueOf(e.getMessage()));
    }
  }

  /// Never that of this machine's own user, which the client would take otherwise.
  private static AuthConfig auth(Optional<RegistryLogin> login) {
    return login
        .map(
            known ->
                new AuthConfig()
                    .withUsername(known.user())
                    .withPassword(known.password())
                    .withRegistryAddress(known.host()))
        .orElseGet(AuthConfig::new);
  }

  private InspectImageResponse inspected(String reference) {
    return engine.calls().inspectImageCmd(reference).exec();
  }

  private static String usable(Instruction where, String name, InspectImageResponse image)
      throws BuildRefused {
    // They would run before anything is marked as ours.
    if (hasTriggers(image)) {
      throw where.refused(
          "the base image %s brings instructions of its own (ONBUILD)".formatted(name),
          "use one without");
    }
    var processor = String.valueOf(image.getArch());
    if (PROCESSORS.contains(processor) && !processor.equals(Architecture.ofHost())) {
      throw where.refused(
          "the base image %s is for %s, and this server is %s"
              .formatted(name, processor, Architecture.ofHost()),
          "name one for it: docker build --platform linux/%s makes such"
              .formatted(Architecture.ofHost()));
    }
    return String.valueOf(image.getId());
  }

  private static boolean hasTriggers(InspectImageResponse image) {
    var config = image.getConfig();
    var triggers = config == null ? null : config.getOnBuild();
    return triggers != null && triggers.length > 0;
  }
}
