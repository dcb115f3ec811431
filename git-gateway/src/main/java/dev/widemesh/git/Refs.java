package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import java.io.IOException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;

/// The refs of a repository: which there are, which clients see, and how the platform moves them.
final class Refs {
  static final String BRANCHES = "refs/heads/";
  static final String TAGS = "refs/tags/";

  /// What no client sees: it keeps the commits of deployments.
  private static final String[] HIDDEN = {GitWire.DEPLOYMENTS, GitWire.UPLOADS};

  private static final Set<RefUpdate.Result> DONE =
      EnumSet.of(
          RefUpdate.Result.NEW,
          RefUpdate.Result.FAST_FORWARD,
          RefUpdate.Result.FORCED,
          RefUpdate.Result.NO_CHANGE);

  private Refs() {}

  static boolean isVisible(String name) {
    return name.startsWith(BRANCHES) || name.startsWith(TAGS);
  }

  /// What may be shown to a client, by full name.
  static Map<String, Ref> visible(FileRepository repository) throws IOException {
    var refs = new HashMap<String, Ref>();
    for (var ref : repository.getRefDatabase().getRefs()) {
      if (isVisible(ref.getName()) && ref.getObjectId() != null) {
        refs.put(ref.getName(), ref);
      }
    }
    return refs;
  }

  static List<Ref> hidden(FileRepository repository) throws IOException {
    return repository.getRefDatabase().getRefsByPrefix(HIDDEN);
  }

  /// The zero id when there is no such ref.
  static ObjectId current(FileRepository repository, String name) throws IOException {
    var ref = repository.exactRef(name);
    if (ref == null) {
      return ObjectId.zeroId();
    }
    var id = ref.getObjectId();
    return id == null ? ObjectId.zeroId() : id;
  }

  static void set(FileRepository repository, String name, ObjectId id) throws IOException {
    var update = repository.updateRef(name);
    update.setNewObjectId(id);
    update.setForceUpdate(true);
    update.disableRefLog();
    require(name, update.update());
  }

  static void delete(FileRepository repository, String name) throws IOException {
    var update = repository.updateRef(name);
    update.setForceUpdate(true);
    require(name, update.delete());
  }

  private static void require(String name, RefUpdate.Result result) throws IOException {
    if (!DONE.contains(result)) {
      throw new IOException("cannot change %s: %s".formatted(name, result));
    }
  }
}
