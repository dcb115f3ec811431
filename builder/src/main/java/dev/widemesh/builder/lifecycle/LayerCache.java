package dev.widemesh.builder.lifecycle;

import dev.widemesh.api.Json;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The layers that one stack keeps from build to build.
///
/// `index.json` names the folders that count; it is replaced whole, after a successful export only.
/// Restored files are hard links: one that a build altered in place no longer matches the listing,
/// and its layer is dropped at the next restore.
final class LayerCache {
  private static final Logger log = LoggerFactory.getLogger(LayerCache.class);
  private static final String INDEX = "index.json";
  private static final String IMAGE = "image.json";
  private static final String BILL = ".sbom";
  private static final String WHOLE = "";

  /// What the next build gets of a layer: all of it; only its metadata and bills, where it is for
  /// the image alone; or nothing. In each case the next image may have it again.
  enum Given {
    ALL,
    WORDS,
    NOTHING
  }

  /// `diffId` only for layers of the image. `sboms` are the files of its bills of materials, by
  /// their format; neither they nor `given` where an earlier release kept it.
  record Kept(
      String buildpack,
      String layer,
      String folder,
      Map<String, Object> metadata,
      @Nullable String diffId,
      long tarBytes,
      String listing,
      long bytes,
      @Nullable Map<String, String> sboms,
      @Nullable Given given) {
    Map<String, String> bills() {
      return sboms == null ? Map.of() : sboms;
    }

    Given toNextBuild() {
      return given == null ? Given.ALL : given;
    }

    boolean is(String otherBuildpack, String otherLayer) {
      return buildpack.equals(otherBuildpack) && layer.equals(otherLayer);
    }
  }

  /// `stores` holds what each buildpack put into its store.toml.
  record Index(List<Kept> layers, Map<String, Map<String, Object>> stores) {
    static final Index EMPTY = new Index(List.of(), Map.of());

    Index {
      layers = List.copyOf(layers);
      stores = Map.copyOf(stores);
    }

    long bytes() {
      return layers.stream().mapToLong(Kept::bytes).sum();
    }

    Optional<Kept> find(String buildpack, String layer) {
      return layers.stream().filter(kept -> kept.is(buildpack, layer)).findFirst();
    }
  }

  private final Path folder;

  LayerCache(Path folder) {
    this.folder = folder;
  }

  Index index() {
    try {
      var file = folder.resolve(INDEX);
      return Files.exists(file) ? Json.read(Files.readString(file), Index.class) : Index.EMPTY;
    } catch (IOException | IllegalArgumentException e) {
      log.warn("the cache {} is unreadable, starting afresh: {}", folder, e.toString());
      return Index.EMPTY;
    }
  }

  /// Puts in place what these buildpacks get of their layers; the result names those that are there
  /// to be used.
  Index restore(Selection selection, Path layers) throws IOException {
    var index = index();
    var whole = new java.util.ArrayList<Kept>();
    for (var buildpack : selection.buildpacks()) {
      for (var kept : index.layers()) {
        var target = layers.resolve(buildpack.escapedId());
        if (kept.buildpack().equals(buildpack.id()) && restore(kept, target)) {
          whole.add(kept);
        }
      }
      restoreStore(index, buildpack, layers);
    }
    return new Index(whole, index.stores());
  }

  private boolean restore(Kept kept, Path target) throws IOException {
    if (!Contained.isRealFolder(folder.resolve(kept.folder()))) {
      return false;
    }
    return switch (kept.toNextBuild()) {
      case ALL -> {
        var whole = restoreFolder(kept, target.resolve(kept.layer()));
        if (whole) {
          restoreWords(kept, target);
        }
        yield whole;
      }
      case WORDS -> {
        restoreWords(kept, target);
        yield true;
      }
      case NOTHING -> true;
    };
  }

  private boolean restoreFolder(Kept kept, Path copy) throws IOException {
    var listing = FolderListing.link(folder.resolve(kept.folder()), copy, HostUser.ofBuilds());
    if (!listing.hash().equals(kept.listing())) {
      log.info("layer {} of {} changed in the cache: not used", kept.layer(), kept.buildpack());
      WorkFolders.delete(copy);
      return false;
    }
    return true;
  }

  private void restoreWords(Kept kept, Path target) throws IOException {
    var user = HostUser.ofBuilds();
    // Without the types: a buildpack that does not say again what it is for has dropped the layer.
    var toml = target.resolve(kept.layer() + ".toml");
    Files.writeString(toml, TomlFile.table("metadata", kept.metadata()));
    if (!user.isSelf()) {
      user.takeOne(toml);
    }
    for (var bill : kept.bills().entrySet()) {
      restoreSbom(bill.getValue(), target.resolve(Sbom.fileName(kept.layer(), bill.getKey())));
    }
  }

  /// The folder of a layer that the last image has, for the next to have it as it is. One that was
  /// altered is removed instead: the next build makes it anew.
  Optional<Path> ofLastImage(Index restored, String buildpack, String layer) throws IOException {
    var kept = restored.find(buildpack, layer).filter(each -> each.diffId() != null);
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    var source = folder.resolve(kept.get().folder());
    if (FolderListing.of(source).hash().equals(kept.get().listing())) {
      return Optional.of(source);
    }
    log.info("layer {} of {} changed in the cache: removed", layer, buildpack);
    WorkFolders.delete(source);
    return Optional.empty();
  }

  private void restoreSbom(String name, Path target) throws IOException {
    var source = folder.resolve(name);
    if (Contained.isRealFile(source)) {
      Files.copy(source, target);
      HostUser.ofBuilds().take(target);
    }
  }

  /// Puts in place what [#commitWhole] kept for that owner; nothing where somebody else was last,
  /// or it was altered.
  boolean restoreWhole(String owner, Path target, HostUser user) throws IOException {
    var kept = index().find(owner, WHOLE);
    if (kept.isEmpty() || !Contained.isRealFolder(folder.resolve(kept.get().folder()))) {
      return false;
    }
    WorkFolders.delete(target);
    var listing = FolderListing.link(folder.resolve(kept.get().folder()), target, user);
    if (listing.hash().equals(kept.get().listing())) {
      return true;
    }
    log.info("the cache {} of {} was altered: not used", folder, owner);
    WorkFolders.delete(target);
    Files.createDirectory(target);
    user.take(target);
    return false;
  }

  /// From now on that folder, which is taken over, is all that the stack keeps.
  void commitWhole(String owner, Path whole) throws IOException {
    var listing = FolderListing.of(whole);
    var kept =
        new Kept(
            owner,
            WHOLE,
            adopt(whole),
            Map.of(),
            null,
            0,
            listing.hash(),
            listing.bytes(),
            null,
            Given.ALL);
    commit(new Index(List.of(kept), Map.of()));
  }

  /// Under which name it can be restored.
  String keepSbom(Path file) throws IOException {
    Files.createDirectories(folder);
    var name = UUID.randomUUID() + BILL;
    Files.copy(file, folder.resolve(name));
    return name;
  }

  private static void restoreStore(Index index, Buildpack buildpack, Path layers)
      throws IOException {
    var store = index.stores().get(buildpack.id());
    if (store != null) {
      var file = layers.resolve(buildpack.escapedId()).resolve("store.toml");
      Files.writeString(file, TomlFile.table("metadata", store));
      HostUser.ofBuilds().take(file);
    }
  }

  /// Takes a layer's folder over from the build, as the content of a new entry.
  String adopt(Path layer) throws IOException {
    Files.createDirectories(folder);
    var name = UUID.randomUUID().toString();
    Files.move(layer, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    Failpoint.CACHE_LAYER_MOVED.pass();
    return name;
  }

  /// Forgets the image: it was made with other layers.
  void commit(Index index) throws IOException {
    Files.deleteIfExists(folder.resolve(IMAGE));
    write(INDEX, Json.write(index));
    sweep(
        index.layers().stream()
            .flatMap(
                kept -> Stream.concat(Stream.of(kept.folder()), kept.bills().values().stream()))
            .collect(Collectors.toSet()));
  }

  /// What was noted of the image that was made with these layers.
  Optional<String> image() throws IOException {
    var file = folder.resolve(IMAGE);
    return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
  }

  void keepImage(String note) throws IOException {
    write(IMAGE, note);
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(folder);
    var draft = folder.resolve(name + ".draft");
    try (var channel =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
    Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private void sweep(Set<String> counted) throws IOException {
    try (var entries = Files.list(folder)) {
      for (var entry : entries.toList()) {
        var name = String.valueOf(entry.getFileName());
        if (!counted.contains(name) && (Contained.isRealFolder(entry) || name.endsWith(BILL))) {
          WorkFolders.delete(entry);
        }
      }
    }
  }
}
