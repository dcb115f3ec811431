package dev.widemesh.git;

import dev.widemesh.api.Survey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.revwalk.ObjectWalk;

/// Says what repositories there are, and what their refs name, as it lies on disk.
final class Surveyor {
  private static final List<String> BRANCHES = List.of("main", "master");

  /// Of one repository, and of all: large ones must not hold up the answer.
  private static final int MOST_OBJECTS = 20_000;

  private static final Duration LONGEST = Duration.ofSeconds(3);

  private final Repositories repositories;
  private final Path data;
  private final long end = System.nanoTime() + LONGEST.toNanos();

  private Surveyor(Repositories repositories, Path data) {
    this.repositories = repositories;
    this.data = data;
  }

  static Survey.Git survey(Repositories repositories, Path data) {
    return new Surveyor(repositories, data).survey();
  }

  private Survey.Git survey() {
    var troubles = new ArrayList<String>();
    var found = new ArrayList<Survey.Repository>();
    var strays = new ArrayList<String>();
    try {
      var stacks = repositories.stacks();
      if (stacks.size() > Survey.MOST) {
        troubles.add("only the first " + Survey.MOST + " repositories were looked at");
      }
      stacks.stream().limit(Survey.MOST).forEach(stack -> add(stack, found, troubles));
      strays.addAll(repositories.strays());
    } catch (IOException e) {
      troubles.add("the repositories cannot be listed: " + e.getMessage());
    }
    return new Survey.Git(troubles, disk(), found, strays);
  }

  private Survey.Disk disk() {
    try {
      var store = Files.getFileStore(data);
      return new Survey.Disk(data.toString(), store.getUsableSpace(), store.getTotalSpace());
    } catch (IOException _) {
      return new Survey.Disk(data.toString(), 0, 0);
    }
  }

  private void add(String stack, List<Survey.Repository> found, List<String> troubles) {
    var repository = repositories.find(stack);
    if (repository.isEmpty()) {
      return; // It went just now.
    }
    try {
      found.add(repository.get().read(real -> look(stack, repository.get().folder(), real)));
    } catch (IOException | RuntimeException e) {
      troubles.add("the repository of stack " + stack + " cannot be read: " + e.getMessage());
    }
  }

  private Survey.Repository look(String stack, Path folder, FileRepository real)
      throws IOException {
    var looked = new ArrayList<>(Refs.hidden(real));
    for (var branch : BRANCHES) {
      var ref = real.exactRef(DeployBranch.ref(branch));
      if (ref != null) {
        looked.add(ref);
      }
    }
    looked.removeIf(ref -> ref.getObjectId() == null);
    var refs = new HashMap<String, String>();
    for (var ref : looked) {
      refs.put(ref.getName(), Refs.current(real, ref.getName()).name());
    }
    var leftovers =
        Leftovers.in(folder).stream().map(file -> folder.relativize(file).toString()).toList();
    return new Survey.Repository(stack, refs, lost(real, looked), leftovers);
  }

  private List<String> lost(FileRepository real, List<Ref> refs) throws IOException {
    if (isWhole(real, refs)) {
      return List.of();
    }
    var lost = new ArrayList<String>();
    for (var ref : refs) {
      if (!isWhole(real, List.of(ref))) {
        lost.add(ref.getName());
      }
    }
    return lost;
  }

  /// Whether everything is there that the refs lead to, as far as time allows to look.
  private boolean isWhole(FileRepository real, List<Ref> refs) throws IOException {
    try (var walk = new ObjectWalk(real)) {
      for (var ref : refs) {
        walk.markStart(walk.parseCommit(ref.getObjectId()));
      }
      var left = MOST_OBJECTS;
      while (isTime(left) && walk.next() != null) {
        left--;
      }
      for (var next = walk.nextObject(); isTime(left) && next != null; next = walk.nextObject()) {
        if (!real.getObjectDatabase().has(next)) {
          return false;
        }
        left--;
      }
      return true;
    } catch (MissingObjectException _) {
      return false;
    }
  }

  private boolean isTime(int left) {
    return left > 0 && System.nanoTime() < end;
  }
}
