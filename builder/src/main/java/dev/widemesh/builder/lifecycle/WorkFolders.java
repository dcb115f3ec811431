package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The folders of one build, gone when it ends.
public record WorkFolders(Path root) implements AutoCloseable {
  public static WorkFolders create(Path root) throws IOException {
    return create(root, HostUser.ofBuilds());
  }

  static WorkFolders create(Path root, HostUser user) throws IOException {
    var work = new WorkFolders(root);
    delete(root);
    for (var folder : work.ofTheBuild()) {
      Files.createDirectories(folder);
      user.take(folder);
    }
    Files.createDirectories(work.platform().resolve("env"));
    Files.createDirectories(work.staging());
    Files.createDirectories(work.tars());
    Files.createDirectories(work.added());
    return work;
  }

  private List<Path> ofTheBuild() {
    return List.of(workspace(), layers(), home(), run(), cache(), layout());
  }

  public Path workspace() {
    return root.resolve("workspace");
  }

  Path layers() {
    return root.resolve("layers");
  }

  Path platform() {
    return root.resolve("platform");
  }

  Path home() {
    return root.resolve("home");
  }

  Path run() {
    return root.resolve("run");
  }

  /// The cache of a builder image's own lifecycle.
  Path cache() {
    return root.resolve("cache");
  }

  /// Images in the OCI layout, which that lifecycle reads and writes.
  Path layout() {
    return root.resolve("layout");
  }

  /// The buildpacks of others.
  Path added() {
    return root.resolve("added");
  }

  /// Layers of before, until it is known which are wanted.
  Path staging() {
    return root.resolve("staging");
  }

  Path tars() {
    return root.resolve("tars");
  }

  /// The user's variables as the specification wants them: files in `platform/env`.
  void hand(Map<String, String> settings) throws IOException {
    for (var setting : settings.entrySet()) {
      Files.writeString(platform().resolve("env").resolve(setting.getKey()), setting.getValue());
    }
  }

  /// What the build may have written, and what is put in place for it.
  Amount amount() throws IOException {
    return Amount.of(Stream.concat(ofTheBuild().stream(), Stream.of(staging())).toList());
  }

  /// Deletes the folder and all below it, following no link.
  public static void delete(Path folder) throws IOException {
    TreeRemoval.remove(folder);
  }

  @Override
  public void close() throws IOException {
    delete(root);
  }
}
