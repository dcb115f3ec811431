package dev.widemesh.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Between the git gateway and the controller.
public final class GitWire {
  private GitWire() {}

  /// `fingerprint` as OpenSSH prints it: `SHA256:...`.
  public record Authenticate(String fingerprint) {}

  public record Actor(String accountId, String name) {}

  public record Authorize(String accountId, String environment, String stack, boolean write) {}

  /// The repository is found by `stackId`, never by a name.
  public record Grant(String stackId, String branch) {}

  /// A push whose objects and hidden ref lie in the repository already. `id` is a UUID that the
  /// gateway chose (so that asking again after a lost answer is harmless) and names the hidden ref
  /// `refs/widemesh/deployments/<id>`.
  public record Push(
      String id,
      String stackId,
      String accountId,
      @Nullable String oldCommit,
      String newCommit,
      boolean forced,
      @Nullable String author,
      @Nullable String message) {}

  /// What the refs of one repository must look like: the deploy branch at `commit` (absent when
  /// nothing is live), hidden refs for exactly `keep`.
  public record Projection(
      String stackId, String branch, @Nullable String commit, List<Kept> keep) {}

  public record Kept(String id, String commit) {}

  /// `revision` grows with every change; all stacks that exist are listed, each time.
  public record Projections(long revision, List<Projection> stacks) {}
}
