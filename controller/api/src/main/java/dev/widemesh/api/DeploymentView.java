package dev.widemesh.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One deployment as people see it. `state` is the word of a [dev.widemesh.model.DeploymentState];
/// `cause` what made it: `push`, `upload`, `image`, `config`, `rollback`, `service`; `live` whether
/// it is the one that serves now.
public record DeploymentView(
    String id,
    String environment,
    String stack,
    int version,
    String state,
    boolean live,
    String cause,
    @Nullable String description,
    @Nullable String commit,
    @Nullable String author,
    @Nullable String message,
    @Nullable String image,
    int configVersion,
    @Nullable String url,
    Instant created,
    @Nullable Instant finished,
    List<Phase> phases,
    @Nullable Cause failure) {
  public DeploymentView {
    phases = List.copyOf(phases);
  }

  /// How long it was in one state.
  public record Phase(String name, long millis) {}

  public String label() {
    return "v" + version;
  }
}
