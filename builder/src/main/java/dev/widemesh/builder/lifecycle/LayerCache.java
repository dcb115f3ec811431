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
/// Restored files are hard links, but where the buildpack says that they are written in place: one
/// that a build altered all the same no longer matches the listing, and its layer is dropped at the
/// next restore.
final class LayerCache {
  private static final Logger log = LoggerFactory.getLogger(LayerCache.class);
  private static final String INDEX = "index.json";
  private static final String IMAGE = "image.json";
  private static final String BILL = ".sbom";
  private static final String WHOLE = "";

  /// What our buildpacks say of such a layer, in its metadata.
  private static final String WRITTEN_IN_PLACE = "written-in-place";

  /// Bytes of one stack, whoever said so: they are copied before anybody knows whether the push can
  /// be built. The rest comes as links.
  private static final long MOST_COPIED = 256_000_000;

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

    /// A program alters its files where they lie: they must not be those of the cache.
    boolean isWrittenInPlace() {
      return Boolean.TRUE.equals(metadata.get(WRITTEN_IN_PLACE));
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

  /// Copies of all that is kept, below `staging`; of what changed here there is none.
  StagedLayers stage(Path staging) throws IOException {
    var index = index();
    var whole = new java.util.ArrayList<Kept>();
    var copied = 0L;
    Files.createDirectories(staging);
    for (var kept : index.layers()) {
      var copying = kept.isWrittenInPlace() && copied + kept.bytes() <= MOST_COPIED;
      if (copying) {
        copied += kept.bytes();
      }
      if (stage(kept, staging.resolve(kept.folder()), copying)) {
        whole.add(kept);
      }
    }
    return new StagedLayers(folder, staging, new Index(whole, index.stores()));
  }

  private boolean stage(Kept kept, Path copy, boolean copying) throws IOException {
    try {
      return isStaged(kept, copy, copying);
    } catch (IOException e) {
      log.warn("layer {} of {} cannot be restored", kept.layer(), kept.buildpack(), e);
      WorkFolders.delete(copy);
      return false;
    }
  }

  private boolean isStaged(Kept kept, Path copy, boolean copying) throws IOException {
    var source = folder.resolve(kept.folder());
    if (!Contained.isRealFolder(source)) {
      return false;
    }
    if (kept.toNextBuild() != Given.ALL) {
      return true;
    }
    var user = HostUser.ofBuilds();
    var listing =
        copying ? FolderListing.copy(source, copy, user) : FolderListing.link(source, copy, user);
    if (!listing.hash().equals(kept.listing())) {
      log.info("layer {} of {} changed in the cache: not used", kept.layer(), kept.buildpack());
      WorkFolders.delete(copy);
      return false;
    }
    return true;
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
