package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.Layer;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import dev.widemesh.builder.lifecycle.LayerCache.Index;
import dev.widemesh.builder.lifecycle.LayerCache.Kept;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// Makes layers out of what the buildpacks left. A layer that did not change since it was restored
/// is known by its old hash and not read again.
final class ExportPhase {
  /// A layer after the build. `before` is its entry in the cache when it is still the same.
  record Finished(
      BuiltLayer built, FolderListing listing, Optional<Kept> before, Optional<Layer> tar) {}

  private final WorkFolders work;
  private final Index restored;

  ExportPhase(WorkFolders work, Index restored) {
    this.work = work;
    this.restored = restored;
  }

  /// In the order of the buildpacks, then of the names. With `trusting` false every tar is written.
  List<Finished> finish(List<Contribution> contributions, boolean trusting)
      throws IOException, InterruptedException {
    var tasks = new ArrayList<Callable<Finished>>();
    for (var contribution : contributions) {
      for (var layer : contribution.layers()) {
        tasks.add(() -> finish(layer, trusting));
      }
    }
    return all(tasks);
  }

  private Finished finish(BuiltLayer layer, boolean trusting) throws IOException {
    var listing = FolderListing.of(layer.folder());
    var before =
        restored
            .find(layer.buildpack().id(), layer.name())
            .filter(kept -> kept.listing().equals(listing.hash()));
    return new Finished(layer, listing, before, tar(layer, before.filter(_ -> trusting)));
  }

  private Optional<Layer> tar(BuiltLayer layer, Optional<Kept> before) throws IOException {
    if (!layer.launch()) {
      return Optional.empty();
    }
    var name = layer.buildpack().id() + ":" + layer.name();
    var known = before.flatMap(kept -> Optional.ofNullable(kept.diffId()));
    if (before.isPresent() && known.isPresent()) {
      var gone = work.tars().resolve("not-written");
      return Optional.of(new Layer(name, known.get(), gone, before.get().tarBytes()));
    }
    return Optional.of(LayerTar.of(name, layer.folder(), layer.inside(), Owner.APP, work.tars()));
  }

  Layer app() throws IOException {
    return LayerTar.of("app", work.workspace(), "/workspace", Owner.APP, work.tars());
  }

  Layer launcher(List<Contribution> contributions, List<LaunchProcess> processes)
      throws IOException {
    var script = LauncherScript.write(launchLayers(contributions), processes);
    var tar =
        LayerTar.named("launcher")
            .file(LauncherScript.PATH, script.getBytes(StandardCharsets.UTF_8), 0755, Owner.ROOT)
            .file("/layers/config/metadata.toml", metadata(contributions), 0644, Owner.ROOT);
    processes.forEach(
        process -> tar.link("/cnb/process/" + process.type(), LauncherScript.PATH, Owner.ROOT));
    return tar.write(work.tars());
  }

  private static byte[] metadata(List<Contribution> contributions) {
    var text = new StringBuilder();
    for (var contribution : contributions) {
      var entry = new TreeMap<String, String>();
      entry.put("id", contribution.buildpack().id());
      entry.put("version", contribution.buildpack().version());
      text.append(TomlFile.table("[buildpacks]", entry));
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static List<List<String>> launchLayers(List<Contribution> contributions) {
    return contributions.stream()
        .map(
            contribution ->
                contribution.layers().stream()
                    .filter(BuiltLayer::launch)
                    .map(BuiltLayer::inside)
                    .toList())
        .filter(layers -> !layers.isEmpty())
        .toList();
  }

  /// What the next build of the stack may reuse; moves the changed layers' folders into the cache.
  static Index keep(LayerCache cache, List<Finished> layers, List<Contribution> contributions)
      throws IOException {
    var kept = new ArrayList<Kept>();
    for (var layer : layers) {
      if (layer.built().cache()) {
        kept.add(keep(cache, layer));
      }
    }
    var stores = new TreeMap<String, Map<String, Object>>();
    for (var contribution : contributions) {
      contribution.store().ifPresent(store -> stores.put(contribution.buildpack().id(), store));
    }
    return new Index(kept, stores);
  }

  private static Kept keep(LayerCache cache, Finished layer) throws IOException {
    var built = layer.built();
    var folder =
        layer.before().isPresent() ? layer.before().get().folder() : cache.adopt(built.folder());
    return new Kept(
        built.buildpack().id(),
        built.name(),
        folder,
        built.metadata(),
        layer.tar().map(Layer::diffId).orElse(null),
        layer.tar().map(Layer::bytes).orElse(0L),
        layer.listing().hash(),
        layer.listing().bytes());
  }

  private static <T> List<T> all(List<Callable<T>> tasks) throws IOException, InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<T>();
      for (var task : threads.invokeAll(tasks)) {
        results.add(task.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IOException("cannot write a layer: " + e.getCause(), e);
    }
  }
}
