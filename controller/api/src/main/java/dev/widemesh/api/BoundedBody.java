package dev.widemesh.api;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/// The body of an answer, of so many bytes and no more: what claims to be small is no larger than
/// that in memory.
final class BoundedBody implements BodySubscriber<byte[]> {
  private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
  private final ByteArrayOutputStream came = new ByteArrayOutputStream();
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final int most;
  private final String what;

  /// `what` says whose body it is.
  BoundedBody(int most, String what) {
    this.most = most;
    this.what = what;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return whole;
  }

  @Override
  public void onSubscribe(Flow.Subscription next) {
    if (subscription.complete(next)) {
      next.request(Long.MAX_VALUE);
    } else {
      next.cancel();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> pieces) {
    for (var piece : pieces) {
      if (whole.isDone()) {
        return;
      }
      if (came.size() + (long) piece.remaining() > most) {
        subscription.join().cancel();
        whole.completeExceptionally(NamedContent.tooMuch(most, what));
        return;
      }
      var bytes = new byte[piece.remaining()];
      piece.get(bytes);
      came.writeBytes(bytes);
    }
  }

  @Override
  public void onError(Throwable failure) {
    whole.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    whole.complete(came.toByteArray());
  }
}
