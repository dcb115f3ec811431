package dev.widemesh.builder.supply;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Architecture;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.image.Unpacked;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// A buildpackage: an image whose layers hold buildpacks below `/cnb/buildpacks`, and whose label
/// says which of them is meant.
record ImageSource(String stack, ImageName image, RegistryReader registry, Web web)
    implements Source {
  private static final String LABEL = "io.buildpacks.buildpackage.metadata";
  private static final String BELOW = "cnb/buildpacks/";

  @Override
  public String key() {
    // Of each stack its own: what one has a login for, another has to be given, too.
    return "image " + image + " for " + stack;
  }

  @Override
  public Optional<Arrival> fetch(Optional<Shelf.Note> known, Path into)
      throws IOException, InterruptedException, BuildRefused {
    if (known.isPresent() && image.isDigest()) {
      return Optional.empty();
    }
    var bytes = registry.manifest(image.version());
    var digest = Sha256.of(bytes);
    if (known.filter(note -> note.mark().equals(digest)).isPresent()) {
      return Optional.empty();
    }
    var manifest = manifest(read(bytes));
    var main = main(read(registry.config(digest(manifest.path("config")))));
    var unpacking = new Unpacking(into, BELOW, Supply.MOST_UNPACKED, Supply.MOST_FILES);
    for (var layer : manifest.path("layers")) {
      unpack(digest(layer), unpacking);
    }
    return Optional.of(new Arrival(digest, main, Extent.of(into)));
  }

  /// Of an index the one for this machine; most have programs for one kind only.
  private JsonNode manifest(JsonNode top) throws IOException, InterruptedException, BuildRefused {
    if (!top.has("manifests")) {
      return top;
    }
    for (var each : top.path("manifests")) {
      var platform = each.path("platform");
      if (platform.path("os").asText("linux").equals("linux")
          && platform.path("architecture").asText("").equals(Architecture.ofHost())) {
        return read(registry.manifest(digest(each)));
      }
    }
    throw BuildRefused.because(
        "the buildpack %s is not made for linux on %s".formatted(image, Architecture.ofHost()),
        "take another one, or another version of it");
  }

  private JsonNode read(byte[] json) throws BuildRefused {
    try {
      return Json.MAPPER.readTree(json);
    } catch (IOException _) {
      throw noBuildpackage();
    }
  }

  private String digest(JsonNode descriptor) throws BuildRefused {
    var digest = descriptor.path("digest").asText("");
    if (!digest.matches("sha256:[0-9a-f]{64}")) {
      throw noBuildpackage();
    }
    return digest;
  }

  private String main(JsonNode config) throws BuildRefused {
    var label = config.path("config").path("Labels").path(LABEL).asText("");
    var about = read(label.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    var id = about.path("id").asText("");
    if (id.isEmpty()) {
      throw noBuildpackage();
    }
    return id + "@" + about.path("version").asText("");
  }

  private BuildRefused noBuildpackage() {
    return BuildRefused.because(
        "the image %s is no buildpackage (it lacks the label %s)".formatted(image, LABEL),
        "name an image that pack buildpack package made");
  }

  private void unpack(String digest, Unpacking unpacking)
      throws IOException, InterruptedException, BuildRefused {
    var address = image.address("blobs", digest);
    try (var body = registry.blob(digest)) {
      var hashed = new HashedInput(body);
      try (var tar = Unpacked.of(hashed)) {
        unpacking.unpack(tar);
      }
      if (!hashed.rest().equals(digest)) {
        throw Web.refused(address, "it has another hash than that");
      }
    } catch (IOException e) {
      throw web.broken(address, e);
    }
  }
}
