package dev.widemesh.rack;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.PullResponseItem;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One image on its way. Docker says several times a second how far it is, but nothing while the
/// layers wait for others: it loads three at once, whoever wants them, and those may be a build's.
/// One that is silent for longer hangs, and is given up so that the next deployment need not wait
/// for it. The deployment that waits has a time of its own.
final class Pull extends ResultCallback.Adapter<PullResponseItem> {
  private static final Duration SILENT = Duration.ofMinutes(2);

  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final long began = System.nanoTime();
  private volatile long heard = began;

  @Override
  public void onNext(PullResponseItem item) {
    heard = System.nanoTime();
    if (item.isErrorIndicated() && item.getErrorDetail() != null) {
      var words = String.valueOf(item.getErrorDetail().getMessage());
      ended.completeExceptionally(new IllegalStateException(words));
    }
  }

  @Override
  public void onError(Throwable failure) {
    ended.completeExceptionally(failure);
    super.onError(failure);
  }

  @Override
  public void onComplete() {
    ended.complete(null);
    super.onComplete();
  }

  /// Until the image is here. Throws with the reason when it does not come.
  void await(Duration limit) throws InterruptedException {
    while (true) {
      try {
        ended.get(1, TimeUnit.SECONDS);
        return;
      } catch (TimeoutException _) {
        requireIn(SILENT, heard, "nothing came from the registry for %d s");
        requireIn(limit, began, "took longer than %d s");
      } catch (ExecutionException e) {
        throw new IllegalStateException(Refusals.reason(e.getCause()), e);
      }
    }
  }

  private static void requireIn(Duration limit, long since, String otherwise) {
    if (System.nanoTime() - since > limit.toNanos()) {
      throw new IllegalStateException(otherwise.formatted(limit.toSeconds()));
    }
  }
}
