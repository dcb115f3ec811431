package dev.widemesh.builder.lifecycle;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.PushResponseItem;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the engine says while it pushes one tag: in the end the digest of what it pushed, which the
/// tag may no longer name a moment later.
final class PushReport extends ResultCallback.Adapter<PushResponseItem> {
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  /// With the containerd image store there is only this line.
  private static final Pattern LINE =
      Pattern.compile("(\\S+): digest: (" + DIGEST + ") size: \\d+");

  private final String tag;
  private volatile Optional<String> digest = Optional.empty();

  PushReport(String tag) {
    this.tag = tag;
  }

  @Override
  public void onNext(PushResponseItem item) {
    var error = item.getErrorDetail();
    if (error != null) {
      onError(new DockerException(String.valueOf(error.getMessage()), 500));
    }
    said(item.getStatus()).or(() -> noted(item)).ifPresent(known -> digest = Optional.of(known));
  }

  private Optional<String> said(@Nullable String status) {
    var line = LINE.matcher(status == null ? "" : status);
    return line.matches() && line.group(1).equals(tag)
        ? Optional.of(line.group(2))
        : Optional.empty();
  }

  private Optional<String> noted(PushResponseItem item) {
    var aux = item.getAux();
    return aux == null || !tag.equals(aux.getTag())
        ? Optional.empty()
        : Optional.ofNullable(aux.getDigest()).filter(text -> DIGEST.matcher(text).matches());
  }

  String digest() {
    return digest.orElseThrow(
        () -> new DockerException("it does not say the digest of what it pushed", 500));
  }
}
