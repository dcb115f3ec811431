package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.AuthConfig;
import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Base images in the engine. Ours have names of their own; any other is pulled each time, so that
/// nobody builds on an image only because somebody else's lies there.
final class EngineImages implements BaseImages {
  private static final Duration PULL = Duration.ofMinutes(5);
  private final Engine engine;
  private final Origins origins;
  private final PulledImages.Use pulled;
  private final Registries registries;
  private final RegistryCalls calls;

  EngineImages(Engine engine, Origins origins, PulledImages.Use pulled) {
    this.engine = engine;
    this.origins = origins;
    this.pulled = pulled;
    this.registries = new Registries(origins.registries());
    this.calls = new RegistryCalls(engine);
  }

  @Override
  public String find(Instruction where, String name)
      throws IOException, InterruptedException, BuildRefused {
    var tagged = tagged(name);
    var own = origins.ours().get(tagged);
    if (own != null) {
      engine.ensureImage(own);
      return inspected(where, name, own);
    }
    if (tagged.startsWith("widemesh/")) {
      throw where.refused("there is no base image " + name, PullFailure.OURS);
    }
    var host = registries.require(where, name);
    var login = origins.login(host);
    pulled.begin(tagged);
    pull(new PullFailure(where, name, host, login), tagged);
    var image = inspected(where, name, tagged);
    pulled.arrived(tagged, image);
    return image;
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
                "push again, or use another: " + PullFailure.OURS);
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

  private String inspected(Instruction where, String name, String reference) throws BuildRefused {
    var image = engine.calls().inspectImageCmd(reference).exec();
    // They would run before anything is marked as ours.
    if (hasTriggers(image)) {
      throw where.refused(
          "the base image %s brings instructions of its own (ONBUILD)".formatted(name),
          "use one without");
    }
    return String.valueOf(image.getId());
  }

  private static boolean hasTriggers(InspectImageResponse image) {
    var config = image.getConfig();
    var triggers = config == null ? null : config.getOnBuild();
    return triggers != null && triggers.length > 0;
  }
}
