package dev.widemesh.builder.supply;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// Packs trees for tests: names, and what they hold.
public final class Packed {
  private Packed() {}

  /// A packed tar. What begins with `->` is a symbolic link, with `=>` a hard one; what lies in a
  /// `bin` is a program; a name that ends with `/` is a folder.
  public static byte[] tgz(Map<String, String> files) {
    var bytes = new ByteArrayOutputStream();
    try (var zipped = new GZIPOutputStream(bytes);
        var tar = new TarArchiveOutputStream(zipped)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (var file : files.entrySet()) {
        add(tar, file.getKey(), file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void add(TarArchiveOutputStream tar, String name, String text) throws IOException {
    if (text.startsWith("->") || text.startsWith("=>")) {
      var kind = text.startsWith("->") ? TarConstants.LF_SYMLINK : TarConstants.LF_LINK;
      var link = new TarArchiveEntry(name, kind, true);
      link.setLinkName(text.substring(2));
      link.setModTime(0L);
      tar.putArchiveEntry(link);
    } else {
      var content = text.getBytes(UTF_8);
      var entry = new TarArchiveEntry(name, true);
      entry.setSize(name.endsWith("/") ? 0 : content.length);
      entry.setModTime(0L);
      entry.setMode(name.contains("bin/") ? 0100755 : 0100644);
      tar.putArchiveEntry(entry);
      if (!name.endsWith("/")) {
        tar.write(content);
      }
    }
    tar.closeArchiveEntry();
  }

  /// The files of a buildpackage at `/v2/<repository>/`, its manifest by tag and by digest: each
  /// buildpack (`id@version`) with its files, the first of them the one that is meant.
  public static Map<String, byte[]> buildpackage(
      String repository, String tag, Map<String, Map<String, String>> buildpacks) {
    var found = new LinkedHashMap<String, byte[]>();
    var base = "/v2/" + repository;
    var layers = new java.util.ArrayList<Map<String, Object>>();
    for (var buildpack : buildpacks.entrySet()) {
      var place = "/cnb/buildpacks/" + buildpack.getKey().replace('/', '_').replace('@', '/');
      var files = new LinkedHashMap<String, String>();
      buildpack.getValue().forEach((name, text) -> files.put(place + "/" + name, text));
      layers.add(descriptor(found, base + "/blobs/", "tar+gzip", tgz(files)));
    }
    var main = buildpacks.keySet().iterator().next().split("@", -1);
    var label = Json.write(Map.of("id", main[0], "version", main[1]));
    var config =
        Json.write(
            Map.of(
                "os", "linux",
                "architecture", "amd64",
                "config", Map.of("Labels", Map.of("io.buildpacks.buildpackage.metadata", label))));
    var manifest =
        Json.write(
                Map.of(
                    "schemaVersion",
                    2,
                    "mediaType",
                    "application/vnd.oci.image.manifest.v1+json",
                    "config",
                    descriptor(found, base + "/blobs/", "json", config.getBytes(UTF_8)),
                    "layers",
                    List.copyOf(layers)))
            .getBytes(UTF_8);
    found.put(base + "/manifests/" + tag, manifest);
    found.put(base + "/manifests/" + Sha256.of(manifest), manifest);
    return found;
  }

  private static Map<String, Object> descriptor(
      Map<String, byte[]> found, String folder, String kind, byte[] content) {
    var digest = Sha256.of(content);
    found.put(folder + digest, content);
    return Map.of("mediaType", "application/" + kind, "digest", digest, "size", content.length);
  }

  /// A buildpack of bash: `detect` and `build` are the lines of its programs.
  public static Map<String, String> buildpack(
      String id, String version, String detect, String build) {
    return Map.of(
        "buildpack.toml",
        """
        api = "0.10"
        [buildpack]
        id = "%s"
        version = "%s"
        """
            .formatted(id, version),
        "bin/detect",
        "#!/usr/bin/env bash\nset -eu\n" + detect + "\n",
        "bin/build",
        "#!/usr/bin/env bash\nset -eu\n" + build + "\n");
  }

  /// A composite of these (`id@version`), all in one group.
  public static Map<String, String> composite(String id, String version, List<String> members) {
    var toml = new StringBuilder("api = \"0.10\"\n[buildpack]\n");
    toml.append("id = \"").append(id).append("\"\nversion = \"").append(version).append("\"\n");
    toml.append("[[order]]\n");
    for (var member : members) {
      var parts = member.split("@", -1);
      toml.append("[[order.group]]\nid = \"").append(parts[0]);
      toml.append("\"\nversion = \"").append(parts[1]).append("\"\n");
    }
    return Map.of("buildpack.toml", toml.toString());
  }
}
