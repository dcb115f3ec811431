package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.AuthConfig;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// Base images in the engine. Ours have names of their own; any other is pulled each time, so that
/// nobody builds on an image only because somebody else's lies there.
final class EngineImages implements BaseImages {
  private static final Duration PULL = Duration.ofMinutes(5);
  private static final Pattern DENIED =
      Pattern.compile("unauthorized|denied|authentication required|no basic auth|forbidden");
  private static final Pattern UNKNOWN = Pattern.compile("not found|manifest unknown|name unknown");
  private static final String OURS = "widemesh/run:13 and widemesh/build:13 are always there";

  private final Engine engine;
  private final Origins origins;
  private final Registries registries;

  EngineImages(Engine engine, Origins origins) {
    this.engine = engine;
    this.origins = origins;
    this.registries = new Registries(origins.registries());
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
      throw where.refused("there is no base image " + name, OURS);
    }
    registries.require(where, name);
    pull(where, name, tagged);
    return inspected(where, name, tagged);
  }

  private static String tagged(String name) {
    var last = name.substring(name.lastIndexOf('/') + 1);
    return last.contains(":") || last.contains("@") ? name : name + ":latest";
  }

  private void pull(Instruction where, String name, String tagged)
      throws InterruptedException, BuildRefused {
    try (var pull =
        engine.streams().pullImageCmd(tagged).withAuthConfig(new AuthConfig()).start()) {
      if (!pull.awaitCompletion(PULL.toSeconds(), TimeUnit.SECONDS)) {
        throw where.refused(
            "the base image %s did not arrive within %d s".formatted(name, PULL.toSeconds()),
            "push again, or use another: " + OURS);
      }
    } catch (DockerException | DockerClientException | IOException e) {
      throw refused(where, name, String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
    }
  }

  private static BuildRefused refused(Instruction where, String name, String why) {
    if (DENIED.matcher(why).find()) {
      return where.refused(
          "the base image %s does not exist or is private".formatted(name),
          "correct its name; credentials for registries cannot be given yet");
    }
    if (UNKNOWN.matcher(why).find()) {
      return where.refused(
          "the base image %s does not exist".formatted(name), "correct its name or tag");
    }
    var shown = why.length() > 200 ? why.substring(0, 200) : why;
    return where.refused(
        "the base image %s cannot be pulled (%s)".formatted(name, shown),
        "use one that this server can pull: " + OURS);
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
