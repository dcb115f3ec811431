package dev.widemesh.git;

import dev.widemesh.builder.FileChange;
import dev.widemesh.builder.SourceRefused;
import dev.widemesh.builder.Sources;
import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;

/// The commits of the repositories, for the builder.
record RepositorySources(Repositories repositories, SourcePath root) implements Sources {
  RepositorySources(Repositories repositories) {
    this(repositories, new SourcePath(""));
  }

  @Override
  public Sources below(SourcePath folder) {
    return new RepositorySources(repositories, folder);
  }

  @Override
  public boolean descends(String stackId, String commit, String ancestor) throws IOException {
    return require(stackId)
        .read(
            repository -> {
              try (var walk = new RevWalk(repository)) {
                var late = walk.parseCommit(ObjectId.fromString(commit));
                var early = ObjectId.fromString(ancestor);
                return repository.getObjectDatabase().has(early)
                    && walk.isMergedInto(walk.parseCommit(early), late);
              }
            });
  }

  @Override
  public String tree(String stackId, String commit) throws IOException {
    return require(stackId)
        .read(
            repository -> {
              try (var walk = new RevWalk(repository)) {
                var top = walk.parseCommit(ObjectId.fromString(commit)).getTree();
                return folder(walk.getObjectReader(), top).name();
              }
            });
  }

  /// Links on the way are not followed.
  private ObjectId folder(ObjectReader reader, ObjectId top) throws IOException {
    if (root.isTop()) {
      return top;
    }
    try (var at = TreeWalk.forPath(reader, root.value(), top)) {
      if (at == null || !FileMode.TREE.equals(at.getFileMode(0))) {
        throw new SourceRefused(
            "there is no folder %s in what was deployed".formatted(root),
            "commit it, or name another one: mesh stack update --root DIR");
      }
      return at.getObjectId(0);
    }
  }

  @Override
  public Optional<byte[]> file(String stackId, String commit, String path, int most)
      throws IOException {
    var tree = ObjectId.fromString(tree(stackId, commit));
    return require(stackId)
        .read(
            repository -> {
              try (var reader = repository.newObjectReader();
                  var at = TreeWalk.forPath(reader, path, tree)) {
                if (at == null || !isFile(at.getFileMode())) {
                  return Optional.empty();
                }
                try (var content = reader.open(at.getObjectId(0)).openStream()) {
                  return Optional.of(content.readNBytes(most));
                }
              }
            });
  }

  @Override
  public Written export(String stackId, String commit, Path into, Limits limits)
      throws IOException {
    var stack = require(stackId);
    LfsFiles lfs = (pointer, name) -> Optional.of(require(stack, pointer, name));
    return stack.read(
        repository -> {
          try (var walk = new RevWalk(repository)) {
            var reader = walk.getObjectReader();
            var top = walk.parseCommit(ObjectId.fromString(commit)).getTree();
            var modules = ModulesFile.read(reader, top, root);
            return new TreeExport(reader, limits, into, modules, lfs).write(folder(reader, top));
          } catch (MissingObjectException e) {
            throw new IOException("the repository lacks parts of " + commit, e);
          }
        });
  }

  private static Path require(StackRepository stack, LfsPointer pointer, String name)
      throws IOException {
    return LfsStore.find(stack, pointer)
        .orElseThrow(
            () ->
                new SourceRefused(
                    "%s is a file of git LFS whose content is not here".formatted(name),
                    "git lfs push --all widemesh, and push again"));
  }

  @Override
  public Optional<List<FileChange>> changes(
      String stackId, String before, String after, Limits limits) throws IOException {
    try {
      var trees =
          List.of(
              ObjectId.fromString(tree(stackId, before)),
              ObjectId.fromString(tree(stackId, after)));
      return require(stackId)
          .read(
              repository -> {
                try (var reader = repository.newObjectReader()) {
                  return new TreeChanges(reader, limits).between(trees.getFirst(), trees.getLast());
                }
              });
    } catch (MissingObjectException | SourceRefused _) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<Found> find(Remote remote, String ref) throws IOException {
    return new OutsideRepository(remote).find(ref);
  }

  @Override
  public Written export(Remote remote, Found found, Path into, Limits limits) throws IOException {
    return new OutsideRepository(remote).export(found, into, limits);
  }

  private static boolean isFile(FileMode mode) {
    return mode.equals(FileMode.REGULAR_FILE) || mode.equals(FileMode.EXECUTABLE_FILE);
  }

  private StackRepository require(String stackId) throws IOException {
    return repositories
        .find(stackId)
        .orElseThrow(() -> new IOException("stack %s has no repository".formatted(stackId)));
  }
}
