package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;

/// Copies of what a stack's cache keeps, made while nobody knows yet which buildpacks will build:
/// the container starts meanwhile. Their folders are moved to where they are wanted.
record StagedLayers(Path cache, Path staging, CacheIndex whole) {
  static StagedLayers none(Path staging) {
    return new StagedLayers(staging, staging, CacheIndex.EMPTY);
  }

  /// Puts in place what these buildpacks get of their layers; the result names those that are there
  /// to be used.
  CacheIndex place(Selection selection, Path layers) throws IOException {
    var user = HostUser.ofBuilds();
    var placed = new ArrayList<KeptLayer>();
    for (var buildpack : selection.buildpacks()) {
      var target = layers.resolve(buildpack.escapedId());
      for (var kept : whole.layers()) {
        if (kept.buildpack().equals(buildpack.id())) {
          place(kept, target, user);
          placed.add(kept);
        }
      }
      placeStore(buildpack, target, user);
    }
    return new CacheIndex(placed, whole.stores());
  }

  private void place(KeptLayer kept, Path target, HostUser user) throws IOException {
    switch (kept.toNextBuild()) {
      case ALL -> {
        Files.move(
            staging.resolve(kept.folder()),
            target.resolve(kept.layer()),
            StandardCopyOption.ATOMIC_MOVE);
        placeWords(kept, target, user);
      }
      case WORDS -> placeWords(kept, target, user);
      case NOTHING -> {}
    }
  }

  private void placeWords(KeptLayer kept, Path target, HostUser user) throws IOException {
    // Without the types: a buildpack that does not say again what it is for has dropped the layer.
    var toml = target.resolve(kept.layer() + ".toml");
    Files.writeString(toml, TomlFile.table("metadata", kept.metadata()));
    user.take(toml);
    for (var bill : kept.bills().entrySet()) {
      placeSbom(bill.getValue(), target.resolve(Sbom.fileName(kept.layer(), bill.getKey())), user);
    }
  }

  private void placeSbom(String name, Path target, HostUser user) throws IOException {
    var source = cache.resolve(name);
    if (Contained.isRealFile(source)) {
      Files.copy(source, target);
      user.take(target);
    }
  }

  private void placeStore(Buildpack buildpack, Path target, HostUser user) throws IOException {
    var store = whole.stores().get(buildpack.id());
    if (store != null) {
      var file = target.resolve("store.toml");
      Files.writeString(file, TomlFile.table("metadata", store));
      user.take(file);
    }
  }
}
