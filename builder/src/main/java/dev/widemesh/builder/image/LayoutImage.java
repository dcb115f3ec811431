package dev.widemesh.builder.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The one image in a folder that somebody's program wrote in the OCI image layout. Nothing that it
/// says is believed: names are digests and nothing else, files are no links, content is what its
/// digest says and no more than is allowed. Only to be read while nobody writes there.
public final class LayoutImage {
  private static final int LARGEST = 4 << 20;
  private static final int MOST_LAYERS = 500;
  private static final Pattern DIGEST = Pattern.compile("sha256:([0-9a-f]{64})");
  private static final String GZIP_END = "gzip";
  private static final String ZSTD_END = "+zstd";

  private final Path blobs;
  private final JsonNode manifest;
  private final JsonNode config;
  private final List<String> diffIds;

  private LayoutImage(Path blobs, JsonNode manifest, JsonNode config, List<String> diffIds) {
    this.blobs = blobs;
    this.manifest = manifest;
    this.config = config;
    this.diffIds = List.copyOf(diffIds);
  }

  /// `place` leads from the `root`, which is ours, to the folder; none of the names may be a link.
  /// What is no whole image is an [IOException] that says why.
  public static LayoutImage read(Path root, List<String> place) throws IOException {
    var folder = root;
    for (var name : place) {
      folder = folder(folder, name);
    }
    var blobs = folder(folder(folder, "blobs"), "sha256");
    var entries = json(bytes(folder.resolve("index.json"))).path("manifests");
    if (entries.size() != 1) {
      throw new IOException("it holds %d images, not one".formatted(entries.size()));
    }
    var manifest = json(blob(blobs, digest(entries.get(0))));
    var config = json(blob(blobs, digest(manifest.path("config"))));
    return new LayoutImage(blobs, manifest, config, diffIds(manifest, config));
  }

  private static Path folder(Path above, String name) throws IOException {
    var folder = above.resolve(name);
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("it has no folder " + name);
    }
    return folder;
  }

  private static byte[] blob(Path blobs, String digest) throws IOException {
    var content = bytes(file(blobs, digest));
    if (!Sha256.of(content).equals(digest)) {
      throw new IOException("%.19s has another content than that".formatted(digest));
    }
    return content;
  }

  private static byte[] bytes(Path file) throws IOException {
    if (!isFile(file)) {
      throw new IOException("it has no file %.19s".formatted(file.getFileName()));
    }
    try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      var content = in.readNBytes(LARGEST + 1);
      if (content.length > LARGEST) {
        throw new IOException("a description in it is larger than 4 MB");
      }
      return content;
    }
  }

  private static boolean isFile(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static Path file(Path blobs, String digest) {
    return blobs.resolve(digest.substring("sha256:".length()));
  }

  private static JsonNode json(byte[] content) throws IOException {
    try {
      return Json.MAPPER.readTree(content);
    } catch (IOException e) {
      throw new IOException("a description in it is no JSON", e);
    }
  }

  private static String digest(JsonNode descriptor) throws IOException {
    return digest(descriptor.path("digest").asText(""));
  }

  private static String digest(String text) throws IOException {
    if (!DIGEST.matcher(text).matches()) {
      throw new IOException("a description in it names something without a SHA-256");
    }
    return text;
  }

  private static List<String> diffIds(JsonNode manifest, JsonNode config) throws IOException {
    var all = new ArrayList<String>();
    for (var diffId : config.path("rootfs").path("diff_ids")) {
      all.add(digest(diffId.asText("")));
    }
    if (all.size() != manifest.path("layers").size() || all.size() > MOST_LAYERS) {
      throw new IOException(
          "it has %d layers and describes %d"
              .formatted(manifest.path("layers").size(), all.size()));
    }
    return all;
  }

  /// What the image says of itself.
  public ImageRecipe.Settings settings() {
    var own = config.path("config");
    return new ImageRecipe.Settings(
        env(own.path("Env")),
        texts(own.path("Labels")),
        own.path("User").asText(""),
        own.path("WorkingDir").asText(""),
        words(own.path("Entrypoint")),
        words(own.path("Cmd")),
        Set.of());
  }

  private static Map<String, String> env(JsonNode lines) {
    var all = new TreeMap<String, String>();
    for (var line : words(lines)) {
      var equals = line.indexOf('=');
      if (equals > 0) {
        all.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return all;
  }

  private static Map<String, String> texts(JsonNode object) {
    var all = new TreeMap<String, String>();
    object.properties().forEach(each -> all.put(each.getKey(), each.getValue().asText("")));
    return all;
  }

  private static List<String> words(JsonNode array) {
    var all = new ArrayList<String>();
    array.forEach(word -> all.add(word.asText()));
    return all;
  }

  /// The layers on top of those of the `base`, as tars in the folder `into`, `mostBytes` all
  /// together. Of those that are `known` the content may lack: they were pushed before.
  public List<Layer> above(List<String> base, Set<String> known, Path into, long mostBytes)
      throws IOException {
    if (diffIds.size() < base.size() || !diffIds.subList(0, base.size()).equals(base)) {
      throw new IOException("it does not stand on the run image");
    }
    Files.createDirectories(into);
    var layers = new ArrayList<Layer>();
    var left = mostBytes;
    for (var i = base.size(); i < diffIds.size(); i++) {
      var diffId = diffIds.get(i);
      var tar = into.resolve(diffId.replace(':', '-') + ".tar");
      var packed = file(blobs, digest(manifest.path("layers").get(i)));
      if (!Files.exists(tar) && isFile(packed)) {
        left -= unpack(i, packed, tar, left);
      }
      if (!Files.exists(tar) && !known.contains(diffId)) {
        throw new IOException("it lacks the content of the layer %.19s".formatted(diffId));
      }
      layers.add(new Layer(name(i), diffId, tar, Files.exists(tar) ? Files.size(tar) : 0));
    }
    return layers;
  }

  /// Answers how long it is.
  private long unpack(int at, Path packed, Path tar, long most) throws IOException {
    var descriptor = manifest.path("layers").get(at);
    var packedHash = Sha256.digest();
    var tarHash = Sha256.digest();
    var length = 0L;
    try (var file = Files.newInputStream(packed, LinkOption.NOFOLLOW_LINKS);
        var hashed = new DigestInputStream(new BufferedInputStream(file, 1 << 16), packedHash);
        var in = plain(descriptor.path("mediaType").asText(""), hashed);
        var out = new DigestOutputStream(Files.newOutputStream(tar), tarHash)) {
      var buffer = new byte[1 << 16];
      for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        length += count;
        if (length > most) {
          throw new IOException("its layers unpack to too much");
        }
        out.write(buffer, 0, count);
      }
      drain(hashed, most);
    }
    require(packedHash.digest(), digest(descriptor));
    require(tarHash.digest(), diffIds.get(at));
    return length;
  }

  private static InputStream plain(String mediaType, InputStream packed) throws IOException {
    if (mediaType.endsWith(ZSTD_END)) {
      return Unpacked.zstd(packed);
    }
    return mediaType.endsWith(GZIP_END) ? Unpacked.gzip(packed) : Unpacked.as(packed);
  }

  /// What stands behind the last byte that counts belongs to the digest, too.
  private static void drain(InputStream in, long most) throws IOException {
    var buffer = new byte[1 << 16];
    var left = most;
    for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      left -= count;
      if (left < 0) {
        throw new IOException("its layers unpack to too much");
      }
    }
  }

  private static void require(byte[] hash, String digest) throws IOException {
    if (!digest.equals("sha256:" + HexFormat.of().formatHex(hash))) {
      throw new IOException("the layer %.19s has another content than that".formatted(digest));
    }
  }

  /// For people, as far as the image says.
  private String name(int at) {
    var told = new ArrayList<String>();
    for (var entry : config.path("history")) {
      if (!entry.path("empty_layer").asBoolean()) {
        told.add(entry.path("created_by").asText(""));
      }
    }
    var name = told.size() == diffIds.size() ? told.get(at) : "";
    return name.isBlank() || name.length() > 200 ? "layer " + (at + 1) : name;
  }
}
