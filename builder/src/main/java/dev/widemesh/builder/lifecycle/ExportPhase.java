package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.Layer;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import dev.widemesh.builder.image.SortedTree;
import dev.widemesh.builder.lifecycle.KeptLayer.Given;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/// Makes layers out of what the buildpacks left. A layer that was not touched since it was restored
/// is known by its old hash and not read again.
final class ExportPhase {
  /// A layer after the build. `before` is its entry in the cache when it is still the same. It is
  /// `reused` as well where it was made again with the same content.
  record Finished(
      BuiltLayer built,
      FolderListing listing,
      Optional<KeptLayer> before,
      Optional<Layer> tar,
      boolean reused) {}

  private final WorkFolders work;
  private final CacheIndex restored;
  private final Predicate<FolderListing> untouched;

  /// `untouched` as [LayerCache#untouched] tells.
  ExportPhase(WorkFolders work, CacheIndex restored, Predicate<FolderListing> untouched) {
    this.work = work;
    this.restored = restored;
    this.untouched = untouched;
  }

  /// In the order of the buildpacks, then of the names. With `trusting` false every tar is written.
  List<Finished> finish(List<Contribution> contributions, boolean trusting)
      throws IOException, InterruptedException {
    var tasks = new ArrayList<Callable<Finished>>();
    var counted = new Inodes();
    for (var contribution : contributions) {
      for (var layer : contribution.layers()) {
        tasks.add(() -> finish(layer, counted, trusting));
      }
    }
    return all(tasks);
  }

  private Finished finish(BuiltLayer layer, Inodes counted, boolean trusting) throws IOException {
    var listing = list(layer, counted);
    var known = restored.find(layer.buildpack().id(), layer.name());
    var before = known.filter(kept -> isSame(layer, listing, kept));
    var tar = tar(layer, before.filter(_ -> trusting));
    var content = tar.map(Layer::diffId);
    var reused = before.isPresent() || known.filter(kept -> isContent(kept, content)).isPresent();
    return new Finished(layer, listing, before, tar, reused);
  }

  // Only of what the next build has as links: copies are files of their own.
  private static FolderListing list(BuiltLayer layer, Inodes counted) throws IOException {
    var asLinks =
        layer.toNextBuild().equals(Optional.of(Given.ALL))
            && !KeptLayer.isWrittenInPlace(layer.metadata());
    return asLinks ? FolderListing.of(layer.folder(), counted) : FolderListing.of(layer.folder());
  }

  private static boolean isContent(KeptLayer kept, Optional<String> diffId) {
    return kept.diffId() != null && diffId.equals(Optional.of(kept.diffId()));
  }

  // What was not restored is made anew, and may have the times of what it replaces; what was
  // restored may have been written to, and its times set back. No build had what is reused, but
  // where it removed what it got.
  private boolean isSame(BuiltLayer layer, FolderListing listing, KeptLayer kept) {
    var sure =
        kept.toNextBuild() == Given.ALL
            ? !layer.reused() && untouched.test(listing)
            : layer.reused();
    return sure && kept.listing().equals(listing.hash());
  }

  private Optional<Layer> tar(BuiltLayer layer, Optional<KeptLayer> before) throws IOException {
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

  /// One layer with what the buildpacks say is in the image; none where they say nothing.
  List<Layer> sboms(List<Contribution> contributions) throws IOException {
    var tar = LayerTar.named("sbom");
    var all = 0;
    for (var contribution : contributions) {
      for (var sbom : contribution.imageSboms()) {
        var size = Files.size(sbom.file());
        var target = sbom.inside(contribution.buildpack());
        tar.stretch(target, sbom.file(), 0, size, 0644, Owner.APP);
        all++;
      }
    }
    return all == 0 ? List.of() : List.of(tar.write(work.tars()));
  }

  /// One layer for each slice, and the rest last. A file is in the first slice that takes it.
  List<Layer> app(List<Contribution> contributions) throws IOException {
    var layers = new ArrayList<Layer>();
    var taken = new HashSet<String>();
    for (var contribution : contributions) {
      for (var slice : contribution.slices()) {
        var own = own(slice, taken);
        if (!own.isEmpty()) {
          layers.add(app("slice " + (layers.size() + 1), own::contains));
        }
      }
    }
    layers.add(app("app", path -> !taken.contains(path)));
    return layers;
  }

  private Layer app(String name, Predicate<String> wanted) throws IOException {
    return LayerTar.named(name)
        .tree(work.workspace(), "/workspace", Owner.APP, wanted)
        .write(work.tars());
  }

  /// The slice's files, which are `taken` from now on, and the folders that they lie in.
  private Set<String> own(Slice slice, Set<String> taken) throws IOException {
    var own = new HashSet<String>();
    SortedTree.walk(
        work.workspace(),
        (file, path) -> {
          if (!Contained.isRealFolder(file) && slice.takes(path) && taken.add(path)) {
            own.add("");
            for (var end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
              own.add(path.substring(0, end));
            }
          }
        });
    return own;
  }

  Layer launcher(List<Contribution> contributions, List<LaunchProcess> processes)
      throws IOException {
    var script = LauncherScript.write(launchLayers(contributions), processes);
    var tar =
        LayerTar.named("launcher")
            .file(LauncherScript.PATH, script.getBytes(StandardCharsets.UTF_8), 0755, Owner.ROOT)
            .file("/layers/config/metadata.toml", metadata(contributions), 0644, Owner.ROOT);
    processes.forEach(process -> tar.link(process.path(), LauncherScript.PATH, Owner.ROOT));
    return tar.write(work.tars());
  }

  private static byte[] metadata(List<Contribution> contributions) {
    var text = new StringBuilder();
    for (var contribution : contributions) {
      var entry = new TreeMap<String, String>();
      entry.put("id", contribution.buildpack().id());
      entry.put("version", contribution.buildpack().version());
      entry.put("api", "0." + contribution.buildpack().api());
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

  /// What [#keep] would keep, on the disk.
  static long bytes(List<Finished> layers, List<Contribution> contributions) throws IOException {
    var sum = disk(layers);
    for (var layer : layers) {
      if (layer.built().toNextBuild().isPresent()) {
        for (var sbom : bills(layer, contributions)) {
          sum += Amount.onDisk(Files.size(sbom.file()));
        }
      }
    }
    return sum;
  }

  /// The same without the bills.
  private static long disk(List<Finished> layers) {
    return layers.stream()
        .filter(layer -> layer.built().toNextBuild().isPresent())
        .mapToLong(layer -> layer.listing().disk())
        .sum();
  }

  /// What the next build of the stack may reuse; moves the changed layers' folders into the cache.
  static CacheIndex keep(LayerCache cache, List<Finished> layers, List<Contribution> contributions)
      throws IOException {
    var kept = new ArrayList<KeptLayer>();
    for (var layer : layers) {
      var given = layer.built().toNextBuild();
      if (given.isPresent()) {
        kept.add(keep(cache, layer, sboms(cache, layer, contributions), given.get()));
      }
    }
    var stores = new TreeMap<String, Map<String, Object>>();
    for (var contribution : contributions) {
      contribution.store().ifPresent(store -> stores.put(contribution.buildpack().id(), store));
    }
    return new CacheIndex(kept, stores, disk(layers));
  }

  /// The cache's names of the bills of one layer, by their format.
  private static Map<String, String> sboms(
      LayerCache cache, Finished layer, List<Contribution> contributions) throws IOException {
    var names = new TreeMap<String, String>();
    for (var sbom : bills(layer, contributions)) {
      names.put(sbom.format(), cache.keepSbom(sbom.file()));
    }
    return names;
  }

  private static List<Sbom> bills(Finished layer, List<Contribution> contributions) {
    return contributions.stream()
        .filter(contribution -> contribution.buildpack().equals(layer.built().buildpack()))
        .flatMap(contribution -> contribution.sboms().stream())
        .filter(sbom -> sbom.layer().equals(layer.built().name()))
        .toList();
  }

  private static KeptLayer keep(
      LayerCache cache, Finished layer, Map<String, String> sboms, Given given) throws IOException {
    var built = layer.built();
    var folder =
        layer.before().isPresent() ? layer.before().get().folder() : cache.adopt(built.folder());
    return new KeptLayer(
        built.buildpack().id(),
        built.name(),
        folder,
        built.metadata(),
        layer.tar().map(Layer::diffId).orElse(null),
        layer.tar().map(Layer::bytes).orElse(0L),
        layer.listing().hash(),
        layer.listing().bytes(),
        sboms,
        given);
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
