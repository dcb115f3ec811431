package dev.widemesh.builder.lifecycle;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a build container sees: its folders, and how it reaches the network.
public record Sandbox(
    Folders folders,
    Optional<Path> caBundle,
    Map<String, String> proxies,
    String debianMirror,
    Optional<String> gradleMirror) {
  /// On this machine; all but `buildpacks` are the build's own and can be written to by it, except
  /// `platform` and `added`, the buildpacks of others.
  public record Folders(
      Path workspace,
      Path layers,
      Path platform,
      Path home,
      Path run,
      Path buildpacks,
      Path added) {}

  private static final String CA_INSIDE = "/etc/ssl/certs/widemesh-ca.crt";

  // What each program calls the same thing.
  private static final List<String> CA_NAMES =
      List.of(
          "SSL_CERT_FILE",
          "NODE_EXTRA_CA_CERTS",
          "CURL_CA_BUNDLE",
          "GIT_SSL_CAINFO",
          "REQUESTS_CA_BUNDLE",
          "PIP_CERT",
          "npm_config_cafile");

  public Sandbox {
    proxies = Map.copyOf(proxies);
  }

  /// Host path and path inside, `:ro` where it is only to be read.
  List<String> binds() {
    var own =
        List.of(
            folders.workspace() + ":/workspace",
            folders.layers() + ":/layers",
            folders.platform() + ":/platform:ro",
            folders.home() + ":/home/widemesh",
            folders.run() + ":/cnb/run",
            folders.buildpacks() + ":/cnb/buildpacks:ro",
            folders.added() + ":" + Additions.INSIDE + ":ro");
    return caBundle
        .map(file -> java.util.stream.Stream.concat(own.stream(), ca(file)).toList())
        .orElse(own);
  }

  private static java.util.stream.Stream<String> ca(Path file) {
    return java.util.stream.Stream.of(file + ":" + CA_INSIDE + ":ro");
  }

  /// Variables that every program in the build gets.
  public Map<String, String> environment() {
    var all = new java.util.TreeMap<String, String>();
    proxies.forEach(
        (name, value) -> {
          all.put(name.toUpperCase(java.util.Locale.ROOT), value);
          all.put(name.toLowerCase(java.util.Locale.ROOT), value);
        });
    if (caBundle.isPresent()) {
      CA_NAMES.forEach(name -> all.put(name, CA_INSIDE));
    }
    all.put("WIDEMESH_DEBIAN_MIRROR", debianMirror);
    gradleMirror.ifPresent(mirror -> all.put("WIDEMESH_GRADLE_MIRROR", mirror));
    all.put("HOME", "/home/widemesh");
    return all;
  }
}
