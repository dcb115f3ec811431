package dev.widemesh.builder.lifecycle;

import dev.widemesh.api.Json;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The layers that one stack keeps from build to build.
///
/// `index.json` names the folders that count; it is replaced whole, after a successful export only.
/// Restored files are hard links, but where the buildpack says that they are written in place. So a
/// build may alter what is kept. From its restore on `lent` lies here, until its layers are kept or
/// were looked through: what such a build touched is dropped, and where nobody could look (the
/// process was killed), all that it had as links.
final class LayerCache {
  private static final Logger log = LoggerFactory.getLogger(LayerCache.class);
  private static final String INDEX = "index.json";
  private static final String IMAGE = "image.json";
  private static final String LENT = "lent";
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

    /// Where it lies in the image.
    String inside() {
      return BuiltLayer.inside(buildpack, layer);
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
  private final String borrower = UUID.randomUUID().toString();
  private volatile Optional<Moment> lent = Optional.empty();

  /// For one build.
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
  StagedLayers stage(Path staging) throws IOException, InterruptedException {
    var index = sound();
    var copied = copied(index);
    var whole = new ArrayList<Kept>();
    Files.createDirectories(staging);
    if (!index.layers().isEmpty()) {
      write(LENT, borrower);
      for (var kept : index.layers()) {
        if (stage(kept, staging.resolve(kept.folder()), copied.contains(kept))) {
          whole.add(kept);
        }
      }
      lent = Optional.of(momentOfRestore());
    }
    return new StagedLayers(folder, staging, new Index(whole, index.stores()));
  }

  private Moment momentOfRestore() throws IOException, InterruptedException {
    var moment = Moment.in(folder);
    moment.pass(folder);
    return moment;
  }

  /// Those that a build gets as files of its own.
  private static Set<Kept> copied(Index index) {
    var copied = new HashSet<Kept>();
    var bytes = 0L;
    for (var kept : index.layers()) {
      if (kept.isWrittenInPlace() && bytes + kept.bytes() <= MOST_COPIED) {
        bytes += kept.bytes();
        copied.add(kept);
      }
    }
    return copied;
  }

  /// Drops what a build had as links that nobody looked at since.
  private Index sound() throws IOException {
    var index = index();
    if (!Files.exists(folder.resolve(LENT))) {
      return index;
    }
    log.info("a build of before may have altered the cache {}: what it had is dropped", folder);
    var left = without(index, _ -> true);
    write(INDEX, Json.write(left));
    sweep(left);
    return left;
  }

  /// Without those of the lent layers that are `altered`.
  private static Index without(Index index, Predicate<Kept> altered) {
    var copied = copied(index);
    var left =
        index.layers().stream()
            .filter(
                kept ->
                    kept.toNextBuild() != Given.ALL || copied.contains(kept) || !altered.test(kept))
            .toList();
    return new Index(left, index.stores());
  }

  /// Knows the layers that the build left as it got them, once nothing of it runs.
  Predicate<FolderListing> untouched() throws IOException {
    if (lent.isEmpty()) {
      return _ -> false;
    }
    var restored = lent.get();
    var now = Moment.in(folder);
    return listing -> restored.knows(listing.touched(), now);
  }

  /// Looks through what a build had that was not kept, once nothing of it runs and before its
  /// folders go: what it touched is dropped, but where its content is still that of the last image.
  /// What no image has is dropped where its listing changed: build tools write their notes anew
  /// each time, and look after their files themselves. `tars` is for what that takes.
  void takeBack(Path tars) throws IOException {
    if (lent.isEmpty() || !isLentToThisBuild()) {
      return;
    }
    var untouched = untouched();
    var index = index();
    var left = without(index, kept -> !isThere(kept, untouched, tars));
    if (!isLentToThisBuild()) {
      return; // The next one waited for long enough, and knows what to think of it.
    }
    if (left.layers().size() < index.layers().size()) {
      log.info("a build that failed altered what is in the cache {}: dropped", folder);
      write(INDEX, Json.write(left));
      sweep(left);
    }
    Files.deleteIfExists(folder.resolve(LENT));
  }

  private boolean isLentToThisBuild() throws IOException {
    var note = folder.resolve(LENT);
    return Files.exists(note) && Files.readString(note).equals(borrower);
  }

  private boolean isThere(Kept kept, Predicate<FolderListing> untouched, Path tars) {
    try {
      var source = folder.resolve(kept.folder());
      if (!Contained.isRealFolder(source)) {
        return false;
      }
      var listing = FolderListing.of(source);
      return listing.hash().equals(kept.listing())
          && (kept.diffId() == null
              || untouched.test(listing)
              || hasContentOfImage(kept, source, tars));
    } catch (IOException e) {
      log.warn("layer {} of {} cannot be read", kept.layer(), kept.buildpack(), e);
      return false;
    }
  }

  // A build that only removed what it got changes its files' stamps as well.
  private static boolean hasContentOfImage(Kept kept, Path source, Path tars) throws IOException {
    return LayerTar.of(kept.layer(), source, kept.inside(), Owner.APP, tars)
        .diffId()
        .equals(kept.diffId());
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
  boolean restoreWhole(String owner, Path target, HostUser user)
      throws IOException, InterruptedException {
    var kept = sound().find(owner, WHOLE);
    if (kept.isEmpty() || !Contained.isRealFolder(folder.resolve(kept.get().folder()))) {
      return false;
    }
    WorkFolders.delete(target);
    write(LENT, borrower);
    var listing = FolderListing.link(folder.resolve(kept.get().folder()), target, user);
    lent = Optional.of(momentOfRestore());
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
    Files.deleteIfExists(folder.resolve(LENT));
    sweep(index);
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

  private void sweep(Index index) throws IOException {
    var counted =
        index.layers().stream()
            .flatMap(
                kept -> Stream.concat(Stream.of(kept.folder()), kept.bills().values().stream()))
            .collect(Collectors.toSet());
    try (var entries = Files.list(folder)) {
      for (var entry : entries.toList()) {
        var name = String.valueOf(entry.getFileName());
        var isOurs =
            Contained.isRealFolder(entry) || name.endsWith(BILL) || name.startsWith(Moment.PROBE);
        if (isOurs && !counted.contains(name)) {
          WorkFolders.delete(entry);
        }
      }
    }
  }
}
