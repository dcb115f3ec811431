package dev.widemesh.builder.lifecycle;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What a build container sees: its folders, and how it reaches the network.
public record Sandbox(Folders folders, Reach reach, Mirrors mirrors) {
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

  /// Host path and path inside, `:ro` where it is only to be read.
  public List<String> binds() {
    var own =
        Stream.of(
            folders.workspace() + ":/workspace",
            folders.layers() + ":/layers",
            folders.platform() + ":/platform:ro",
            folders.home() + ":/home/widemesh",
            folders.run() + ":/cnb/run",
            folders.buildpacks() + ":/cnb/buildpacks:ro",
            folders.added() + ":" + Additions.INSIDE + ":ro");
    return Stream.concat(own, reach.binds().stream()).toList();
  }

  /// Variables that every program in the build gets.
  public Map<String, String> environment() {
    var all = new TreeMap<>(reach.environment());
    all.putAll(mirrors.environment());
    all.put("HOME", "/home/widemesh");
    return all;
  }
}
