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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The layers that one stack keeps from build to build.
///
/// `index.json` names the folders that count; it is replaced whole, after a successful export only.
/// Restored files are hard links, but where the buildpack says that they are written in place. So a
/// build may alter what is kept. From its restore on `lent` lies here, until its layers are kept or
/// were looked through: what such a build touched is dropped, and where nobody could look (the
/// process was killed, or the build's container could not be removed), all that it had as links.
///
/// Only one build at a time may come here: [CacheHold] sees to that.
final class LayerCache {
  private static final Logger log = LoggerFactory.getLogger(LayerCache.class);
  private static final String INDEX = "index.json";
  private static final String IMAGE = "image.json";
  private static final String LENT = "lent";
  private static final String BILL = ".sbom";
  private static final String WHOLE = "";

  private final Path folder;
  private volatile Optional<Moment> lent = Optional.empty();

  /// For one build.
  LayerCache(Path folder) {
    this.folder = folder;
  }

  CacheIndex index() {
    try {
      var file = folder.resolve(INDEX);
      return Files.exists(file)
          ? Json.read(Files.readString(file), CacheIndex.class)
          : CacheIndex.EMPTY;
    } catch (IOException | IllegalArgumentException e) {
      log.warn("the cache {} is unreadable, starting afresh: {}", folder, e.toString());
      return CacheIndex.EMPTY;
    }
  }

  /// What lies here, on the disk: layers, bills and notes.
  long bytes() throws IOException {
    var sum = index().bytes();
    try (var files = Files.newDirectoryStream(folder, Contained::isRealFile)) {
      for (var file : files) {
        sum += Amount.onDisk(file.toFile().length());
      }
    }
    return sum;
  }

  /// Copies of all that is kept, below `staging`; of what changed here there is none.
  StagedLayers stage(Path staging) throws IOException, InterruptedException {
    var index = sound();
    var copied = index.copied();
    var whole = new ArrayList<KeptLayer>();
    Files.createDirectories(staging);
    if (!index.layers().isEmpty()) {
      write(LENT, "");
      for (var kept : index.layers()) {
        if (stage(kept, staging.resolve(kept.folder()), copied.contains(kept))) {
          whole.add(kept);
        }
      }
      lent = Optional.of(momentOfRestore());
    }
    return new StagedLayers(folder, staging, new CacheIndex(whole, index.stores()));
  }

  private Moment momentOfRestore() throws IOException, InterruptedException {
    var moment = Moment.in(folder);
    moment.pass(folder);
    return moment;
  }

  /// Drops what a build had as links that nobody looked at since.
  private CacheIndex sound() throws IOException {
    if (!Files.exists(folder.resolve(LENT))) {
      return index();
    }
    log.info("a build of before may have altered the cache {}: what it had is dropped", folder);
    return dropLent();
  }

  private CacheIndex dropLent() throws IOException {
    var left = index().without(_ -> true);
    write(INDEX, Json.write(left));
    Files.deleteIfExists(folder.resolve(LENT));
    sweep(left);
    return left;
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
    if (lent.isEmpty()) {
      return;
    }
    var untouched = untouched();
    var index = index();
    var left = index.without(kept -> !isThere(kept, untouched, tars));
    if (left.layers().size() < index.layers().size()) {
      log.info("a build that failed altered what is in the cache {}: dropped", folder);
      write(INDEX, Json.write(left));
      sweep(left);
    }
    Files.deleteIfExists(folder.resolve(LENT));
    lent = Optional.empty();
  }

  /// Drops what a build had as links that was not kept, where something of it may still run.
  void giveUp() throws IOException {
    if (lent.isPresent()) {
      log.warn("a build that may still run has links into the cache {}: dropped", folder);
      var _ = dropLent();
      lent = Optional.empty();
    }
  }

  private boolean isThere(KeptLayer kept, Predicate<FolderListing> untouched, Path tars) {
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
  private static boolean hasContentOfImage(KeptLayer kept, Path source, Path tars)
      throws IOException {
    return LayerTar.of(kept.layer(), source, kept.inside(), Owner.APP, tars)
        .diffId()
        .equals(kept.diffId());
  }

  private boolean stage(KeptLayer kept, Path copy, boolean copying) throws IOException {
    try {
      return isStaged(kept, copy, copying);
    } catch (IOException e) {
      log.warn("layer {} of {} cannot be restored", kept.layer(), kept.buildpack(), e);
      WorkFolders.delete(copy);
      return false;
    }
  }

  private boolean isStaged(KeptLayer kept, Path copy, boolean copying) throws IOException {
    var source = folder.resolve(kept.folder());
    if (!Contained.isRealFolder(source)) {
      return false;
    }
    if (kept.toNextBuild() != KeptLayer.Given.ALL) {
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
  Optional<Path> ofLastImage(CacheIndex restored, String buildpack, String layer)
      throws IOException {
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
    write(LENT, "");
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
    var listing = FolderListing.of(whole, new Inodes());
    var kept =
        new KeptLayer(
            owner,
            WHOLE,
            adopt(whole),
            Map.of(),
            null,
            0,
            listing.hash(),
            listing.bytes(),
            null,
            KeptLayer.Given.ALL);
    commit(new CacheIndex(List.of(kept), Map.of(), listing.disk()));
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
  void commit(CacheIndex index) throws IOException {
    Files.deleteIfExists(folder.resolve(IMAGE));
    write(INDEX, Json.write(index));
    Files.deleteIfExists(folder.resolve(LENT));
    lent = Optional.empty();
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

  private void sweep(CacheIndex index) throws IOException {
    var counted = index.names();
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
