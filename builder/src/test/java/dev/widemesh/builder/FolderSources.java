package dev.widemesh.builder;

import dev.widemesh.builder.image.Sha256;
import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// Commits that are folders: the commit's id is the folder's name.
public final class FolderSources implements Sources {
  private final Map<String, Path> commits = new ConcurrentHashMap<>();
  private final Map<String, String> parents = new ConcurrentHashMap<>();
  private volatile Runnable comparing = () -> {};

  String commit(Path folder, String id, String parent) {
    commits.put(id, folder);
    parents.put(id, parent);
    return id;
  }

  /// To be run whenever commits are compared, before that.
  void whenComparing(Runnable action) {
    comparing = action;
  }

  @Override
  public Sources below(SourcePath folder) {
    var below = new FolderSources();
    commits.forEach((id, top) -> below.commits.put(id, top.resolve(folder.value())));
    below.parents.putAll(parents);
    below.comparing = comparing;
    return below;
  }

  @Override
  public boolean descends(String stackId, String commit, String ancestor) {
    for (var at = commit; at != null && !at.isEmpty(); at = parents.get(at)) {
      if (at.equals(ancestor)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String tree(String stackId, String commit) throws IOException {
    var all = new StringBuilder();
    var folder = folder(commit);
    try (var files = Files.walk(folder)) {
      for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
        all.append(folder.relativize(file)).append(Sha256.of(file));
      }
    }
    return Sha256.of(all.toString());
  }

  @Override
  public Optional<byte[]> file(String stackId, String commit, String path, int most)
      throws IOException {
    var file = folder(commit).resolve(path);
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(
            Arrays.copyOf(Files.readAllBytes(file), (int) Math.min(most, Files.size(file))))
        : Optional.empty();
  }

  @Override
  public Optional<List<FileChange>> changes(
      String stackId, String before, String after, Limits limits) throws IOException {
    comparing.run();
    var old = files(folder(before));
    var now = files(folder(after));
    if (!old.keySet().equals(now.keySet())) {
      return Optional.empty();
    }
    var changes = new ArrayList<FileChange>();
    for (var path : now.keySet()) {
      var was = Files.readAllBytes(old.get(path));
      var is = Files.readAllBytes(now.get(path));
      if (!Arrays.equals(was, is)) {
        changes.add(new FileChange(path, ByteBuffer.wrap(was), ByteBuffer.wrap(is)));
      }
    }
    return Optional.of(changes);
  }

  private static Map<String, Path> files(Path folder) throws IOException {
    var found = new TreeMap<String, Path>();
    try (var files = Files.walk(folder)) {
      for (var file : files.filter(each -> !Files.isDirectory(each)).toList()) {
        found.put(folder.relativize(file).toString(), file);
      }
    }
    return found;
  }

  @Override
  public Written export(String stackId, String commit, Path into, Limits limits)
      throws IOException {
    copy(folder(commit), into);
    return new Written(List.of(), List.of(), List.of());
  }

  @Override
  public Optional<Found> find(Remote remote, String ref) {
    return Optional.empty();
  }

  @Override
  public Written export(Remote remote, Found found, Path into, Limits limits) throws IOException {
    throw new IOException("no repository " + remote.repository());
  }

  private Path folder(String commit) throws IOException {
    var folder = commits.get(commit);
    if (folder == null) {
      throw new IOException("no commit " + commit);
    }
    return folder;
  }

  static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (var file : files.toList()) {
        var target = to.resolve(from.relativize(file).toString());
        if (Files.isSymbolicLink(file)) {
          Files.createSymbolicLink(target, Files.readSymbolicLink(file));
        } else if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
