package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.util.stream.Collectors;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compares one repository's refs with what they must be, and moves those that differ.
///
/// A list made just before a push was queued may drop that push's hidden ref; the next list, which
/// the push itself causes, brings it back, and garbage collection waits an hour for that.
final class ProjectedRefs {
  private static final Logger log = LoggerFactory.getLogger(ProjectedRefs.class);

  private final FileRepository repository;
  private final GitWire.Projection wanted;
  private int changes;

  ProjectedRefs(FileRepository repository, GitWire.Projection wanted) {
    this.repository = repository;
    this.wanted = wanted;
  }

  /// How many refs moved.
  int apply() throws IOException {
    for (var kept : wanted.keep()) {
      require(kept.ref(), ObjectId.fromString(kept.commit()));
    }
    var before = changes;
    moveBranch();
    if (changes > before) {
      Failpoint.BRANCH_MOVED.pass();
    }
    dropOthers();
    return changes;
  }

  private void moveBranch() throws IOException {
    var branch = DeployBranch.of(repository, wanted.branch());
    var ref = DeployBranch.ref(branch);
    var commit = wanted.commit();
    if (commit != null) {
      require(ref, ObjectId.fromString(commit));
    } else if (!Refs.current(repository, ref).equals(ObjectId.zeroId())) {
      Refs.delete(repository, ref);
      changes++;
    }
    pointHeadAt(ref);
  }

  private void pointHeadAt(String ref) throws IOException {
    var head = repository.exactRef("HEAD");
    if (head == null || !head.isSymbolic() || !head.getTarget().getName().equals(ref)) {
      repository.updateRef("HEAD").link(ref);
    }
  }

  private void dropOthers() throws IOException {
    var keep = wanted.keep().stream().map(GitWire.Kept::ref).collect(Collectors.toSet());
    for (var ref : Refs.hidden(repository)) {
      if (!keep.contains(ref.getName())) {
        Refs.delete(repository, ref.getName());
        changes++;
      }
    }
  }

  private void require(String name, ObjectId id) throws IOException {
    if (Refs.current(repository, name).equals(id)) {
      return;
    }
    if (repository.getObjectDatabase().has(id)) {
      Refs.set(repository, name, id);
      changes++;
    } else {
      log.warn("{} must be {}, which the repository does not have", name, id.name());
    }
  }
}
