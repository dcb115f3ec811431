package dev.widemesh.builder.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.model.ImageReference;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A builder as `pack` takes it: buildpacks, and the lifecycle that runs them, in one image.
/// `image` is the engine's id of it, `env` its environment; `runImages` is what apps stand on,
/// first the one that is meant and then its mirrors, and `platform` the API that we speak to the
/// lifecycle.
public record BuilderImage(
    String name, String image, Map<String, String> env, List<String> runImages, String platform) {
  private static final String LABEL = "io.buildpacks.builder.metadata";

  /// Each of them may take its time to say that it has none.
  private static final int MOST_MIRRORS = 5;

  /// Newest first. Older ones cannot export without a registry.
  private static final List<String> PLATFORMS = List.of("0.14", "0.13", "0.12");

  public BuilderImage {
    env = Map.copyOf(env);
    runImages = List.copyOf(runImages);
  }

  /// Of an image that was pulled, by what its labels say.
  public static BuilderImage of(
      String name, String image, Map<String, String> labels, Map<String, String> env)
      throws BuildRefused {
    var about = about(name, labels.getOrDefault(LABEL, ""));
    requireUser(name, env);
    return new BuilderImage(name, image, env, runImages(name, about), platform(name, about));
  }

  private static JsonNode about(String name, String label) throws BuildRefused {
    try {
      var about = Json.MAPPER.readTree(label);
      if (about != null && about.isObject()) {
        return about;
      }
    } catch (IOException _) {
      // told below, as one that lacks it
    }
    throw BuildRefused.because(
        "the image %s is no builder (it lacks the label %s)".formatted(name, LABEL),
        "name one that pack builder create made: mesh stack set-builder heroku/builder:24");
  }

  private static List<String> runImages(String name, JsonNode about) throws BuildRefused {
    var first = about.path("images").path(0);
    var run =
        first.path("image").asText("").isEmpty() ? about.path("stack").path("runImage") : first;
    var image = run.path("image").asText("");
    if (ImageReference.refusal(image).isPresent()) {
      throw BuildRefused.because(
          "the builder %s names no run image that apps could stand on".formatted(name),
          "take another builder: mesh stack set-builder NAME");
    }
    var all = new LinkedHashSet<>(List.of(image));
    for (var mirror : run.path("mirrors")) {
      if (all.size() <= MOST_MIRRORS && ImageReference.refusal(mirror.asText("")).isEmpty()) {
        all.add(mirror.asText());
      }
    }
    return List.copyOf(all);
  }

  private static String platform(String name, JsonNode about) throws BuildRefused {
    var lifecycle = about.path("lifecycle");
    var supported = new HashSet<String>();
    lifecycle
        .path("apis")
        .path("platform")
        .path("supported")
        .forEach(v -> supported.add(v.asText()));
    supported.add(lifecycle.path("api").path("platform").asText(""));
    for (var platform : PLATFORMS) {
      if (supported.contains(platform)) {
        return platform;
      }
    }
    throw BuildRefused.because(
        "the lifecycle %s of the builder %s speaks none of the platform APIs %s"
            .formatted(
                shown(lifecycle.path("version").asText("")),
                name,
                String.join(", ", PLATFORMS.reversed())),
        "take a newer version of the builder: mesh stack set-builder NAME");
  }

  private static String shown(String version) {
    return version.matches("[0-9A-Za-z.+-]{1,40}") ? version : "(of no version)";
  }

  private static void requireUser(String name, Map<String, String> env) throws BuildRefused {
    for (var id : Set.of("CNB_USER_ID", "CNB_GROUP_ID")) {
      if (!env.getOrDefault(id, "").matches("[1-9]\\d{0,8}")) {
        throw BuildRefused.because(
            "the builder %s names no user for builds (%s must be a number from 1 on)"
                .formatted(name, id),
            "take another builder: mesh stack set-builder NAME");
      }
    }
  }

  HostUser user() throws IOException {
    return new HostUser(
            Integer.parseInt(env.getOrDefault("CNB_USER_ID", "")),
            Integer.parseInt(env.getOrDefault("CNB_GROUP_ID", "")))
        .orSelf();
  }
}
