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
  /// gateway chose (so that asking again after a lost answer is harmless) and names the hidden ref,
  /// see [Kept]. `upload`: the commit was made of a folder, and no branch will show it. `choices`
  /// are for this deployment alone, but for the buildpacks.
  public record Push(
      String id,
      String stackId,
      String accountId,
      @Nullable String oldCommit,
      String newCommit,
      boolean forced,
      boolean upload,
      Choices choices,
      @Nullable String author,
      @Nullable String message) {}

  /// How it is built; what is `null` is as the stack says. `root` is the folder that is the app,
  /// `dockerfile` the path of that below it, `stage` see [dev.widemesh.model.TargetStage].
  /// `buildpacks` are the stack's list once something was built with them.
  public record Choices(
      @Nullable String root,
      @Nullable String formula,
      @Nullable String dockerfile,
      @Nullable String stage,
      @Nullable List<String> buildpacks) {
    public static final Choices NONE = new Choices(null, null, null);

    public Choices(@Nullable String root, @Nullable String formula, @Nullable String dockerfile) {
      this(root, formula, dockerfile, null, null);
    }
  }

  /// What the refs of one repository must look like: the deploy branch at `commit` (absent when
  /// nothing that was pushed ever was live), hidden refs for exactly `keep`.
  public record Projection(
      String stackId, String branch, @Nullable String commit, List<Kept> keep) {}

  /// The commit of a deployment.
  public record Kept(String id, String commit, boolean upload) {
    /// The hidden ref that keeps it.
    public String ref() {
      return (upload ? UPLOADS : DEPLOYMENTS) + id;
    }
  }

  /// Of what was pushed.
  public static final String DEPLOYMENTS = "refs/widemesh/deployments/";

  /// Of what was made of a folder.
  public static final String UPLOADS = "refs/widemesh/uploads/";

  /// Where `mesh deploy` pushes to. No such ref ever exists.
  public static final String UPLOAD = "refs/widemesh/upload";

  /// `revision` grows with every change; all stacks that exist are listed, each time.
  public record Projections(long revision, List<Projection> stacks) {}
}
