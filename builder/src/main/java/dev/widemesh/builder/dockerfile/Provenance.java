package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.command.InspectImageResponse;
import dev.widemesh.model.RegistryHost;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/// Decides whether an image that came under a name may be used by whoever could pull that name.
///
/// The engine takes an image that it has, whoever brought it, once a registry names its digest, and
/// a registry may name what it has not. So the name has to be one that the image came with; or one
/// of those has to open to the same build.
///
/// `own` is the platform's registry.
record Provenance(RegistryCalls calls, Origins origins, Optional<RegistryHost> own) {
  /// They name only what they hold, down to the image's configuration: Docker Hub checks that, and
  /// to the others only their owners write.
  private static final Set<RegistryHost> HOLDERS =
      Set.of(
          RegistryHost.HUB,
          new RegistryHost("mcr.microsoft.com"),
          new RegistryHost("registry.k8s.io"));

  private static final String APPS = "apps/";
  private static final int MOST_ASKED = 8;

  /// `before` is from before the pull, `now` from after it.
  boolean allows(String name, InspectImageResponse image, Inventory before, Inventory now)
      throws IOException {
    var id = String.valueOf(image.getId());
    if (isOfBuild(image) || now.names(id).stream().anyMatch(this::isApp)) {
      return false;
    }
    var repository = Repository.of(name);
    if (HOLDERS.contains(repository.host())
        || before.proven(id).contains(repository)
        || now.judged(id).contains(repository)) {
      return true;
    }
    var others =
        now.names(id).stream().filter(other -> !Repository.of(other).equals(repository)).toList();
    if (!before.has(id) && others.isEmpty()) {
      return true; // it came just now
    }
    var proven = now.proven(id);
    var asked =
        others.stream()
            .filter(other -> other.contains("@") && proven.contains(Repository.of(other)))
            .limit(MOST_ASKED)
            .toList();
    for (var other : asked) {
      if (opens(other)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOfBuild(InspectImageResponse image) {
    var config = image.getConfig();
    var labels = config == null ? null : config.getLabels();
    return labels != null && labels.containsKey(Mark.NAME);
  }

  private boolean isOwn(Repository repository) {
    return own.filter(repository.host()::equals).isPresent();
  }

  private boolean isApp(String name) {
    var repository = Repository.of(name);
    return isOwn(repository) && repository.path().startsWith(APPS);
  }

  /// The platform's own that are no app's are everybody's.
  private boolean opens(String name) throws IOException {
    var repository = Repository.of(name);
    return isOwn(repository) || calls.serves(name, origins.login(repository.host())).isGood();
  }
}
