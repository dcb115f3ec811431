package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import java.io.IOException;
import java.util.Set;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;

/// Which branch deploys: the one the stack names; and where that is `main`, `master` instead for
/// those who have no `main`.
///
/// The choice is remembered in the repository, because the controller knows only `main` when it
/// says where the branch must be.
final class DeployBranch {
  private static final String FIRST = "main";
  private static final String SECOND = "master";

  private DeployBranch() {}

  /// For a push of these refs.
  static String chosenBy(Set<String> pushed, FileRepository repository, String configured)
      throws IOException {
    var settled = of(repository, configured);
    if (!configured.equals(FIRST) || isDeployed(repository, settled)) {
      return settled;
    }
    var onlySecond = !pushed.contains(ref(FIRST)) && pushed.contains(ref(SECOND));
    return onlySecond ? SECOND : FIRST;
  }

  static String of(FileRepository repository, String configured) throws IOException {
    if (!configured.equals(FIRST) || exists(repository, FIRST)) {
      return configured;
    }
    return remembered(repository) ? SECOND : FIRST;
  }

  /// To be called under the lock, before the push is queued.
  static void remember(FileRepository repository, String chosen) throws IOException {
    if (remembered(repository) != chosen.equals(SECOND)) {
      var config = repository.getConfig();
      config.setBoolean("widemesh", null, SECOND, chosen.equals(SECOND));
      config.save();
    }
  }

  static String ref(String branch) {
    return Refs.BRANCHES + branch;
  }

  private static boolean remembered(FileRepository repository) {
    return repository.getConfig().getBoolean("widemesh", SECOND, false);
  }

  /// Or about to be: then the choice was made.
  private static boolean isDeployed(FileRepository repository, String branch) throws IOException {
    return exists(repository, branch)
        || !repository.getRefDatabase().getRefsByPrefix(GitWire.DEPLOYMENTS).isEmpty();
  }

  private static boolean exists(FileRepository repository, String branch) throws IOException {
    return !Refs.current(repository, ref(branch)).equals(ObjectId.zeroId());
  }
}
