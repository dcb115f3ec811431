package dev.widemesh.builder.lifecycle;

import dev.widemesh.api.OutputLine.Draft;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build's hold on the cache of its stack, until all of it is cleared away.
///
/// Builds of a stack come one after the other. But when the next one begins, the one before may
/// still be cleared away behind the scenes: its container is removed, what it had of the cache is
/// looked through, its folders go. Till then the cache is its own. Whoever came earlier would find
/// layers lent that nobody looked at yet, and have to drop them; and deleting links stamps the
/// files that they are links to.
final class CacheHold implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CacheHold.class);

  /// Most are cleared away by then.
  private static final Duration SILENCE = Duration.ofSeconds(2);

  private static final int SHARE = 5;

  /// What puts a build's layers into the cache.
  interface Content {
    void into(LayerCache cache) throws IOException;
  }

  private final CacheShelf shelf;
  private final String stack;
  private final Duration patience;
  private final LayerCache cache;
  private volatile boolean wanted = true;
  private volatile boolean kept;

  CacheHold(CacheShelf shelf, String stack, Duration patience, LayerCache cache) {
    this.shelf = shelf;
    this.stack = stack;
    this.patience = patience;
    this.cache = cache;
  }

  LayerCache cache() {
    return cache;
  }

  /// Copies of all that the stack keeps, below `staging`.
  StagedLayers stage(Path staging, Deadline deadline, Consumer<Draft> output)
      throws IOException, InterruptedException {
    return comes(deadline, output) ? cache.stage(staging) : StagedLayers.none(staging);
  }

  /// As [LayerCache#restoreWhole].
  boolean restoreWhole(
      String owner, Path target, HostUser user, Deadline deadline, Consumer<Draft> output)
      throws IOException, InterruptedException {
    return comes(deadline, output) && cache.restoreWhole(owner, target, user);
  }

  /// Whether nobody else has it any more, which is waited for: no longer than [#SHARE] of the time
  /// that the build has left, which it needs the more without it. Where not, it is left alone: what
  /// is in it is lost to this build, and to no other.
  private boolean comes(Deadline deadline, Consumer<Draft> output) throws InterruptedException {
    var most = shorter(patience, deadline.left().dividedBy(SHARE));
    var silence = shorter(SILENCE, most);
    if (shelf.awaitOthers(stack, silence, () -> wanted)) {
      return true;
    }
    if (wanted) {
      output.accept(Draft.detail("Waiting for the build before this one to be cleared away"));
    }
    if (shelf.awaitOthers(stack, most.minus(silence), () -> wanted)) {
      return true;
    }
    if (wanted) {
      log.warn("the cache of {} does not come back within {} s", stack, most.toSeconds());
      output.accept(Draft.detail("That takes too long: everything is made anew"));
    }
    return false;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /// Who waits for it waits no longer.
  void leave() {
    wanted = false;
    shelf.wake();
  }

  /// What the next build need not make again, in place of what was kept before; `bytes` is what it
  /// takes of the disk. Not while another build has that.
  void keep(long bytes, Content content, Consumer<Draft> output) throws IOException {
    if (!shelf.isAlone(stack)) {
      output.accept(
          Draft.detail("Nothing kept for the next build: another one has what the stack keeps"));
      return;
    }
    if (shelf.holds(bytes)) {
      content.into(cache);
    } else {
      output.accept(shelf.refusal(bytes));
      cache.commit(CacheIndex.EMPTY);
    }
    kept = true;
  }

  /// What is to be known of the image whose layers were kept, for [Patching#image].
  void keepImage(String note) throws IOException {
    if (kept) {
      cache.keepImage(note);
    }
  }

  /// What the build had and did not keep, before its folders go. Where it may not have `ended`
  /// nobody can say what it still writes to.
  void takeBack(boolean ended, Path tars) throws IOException {
    if (ended) {
      cache.takeBack(tars);
    } else {
      cache.giveUp();
    }
  }

  @Override
  public void close() {
    shelf.giveBack(stack);
  }
}
