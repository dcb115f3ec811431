package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.TreeDigest;
import dev.widemesh.builder.lifecycle.Buildpack.Member;
import dev.widemesh.builder.lifecycle.Buildpack.Origin;
import dev.widemesh.model.BuildpackReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Puts the buildpacks that a stack names where its build finds them: all of them are one group.
/// What came with one of them, as the members of a composite do, is known to all.
final class Additions {
  static final String INSIDE = "/cnb/added";
  private static final long LARGEST_FOLDER = 200_000_000;

  private final Catalogue ours;
  private final WorkFolders work;
  private final Map<String, Buildpack> known;
  private final List<Member> group = new ArrayList<>();
  private int trees;
  private long bytes;

  private Additions(Catalogue ours, WorkFolders work) {
    this.ours = ours;
    this.work = work;
    this.known = new HashMap<>(ours.known());
    known.put(
        BuildpackReference.ALL_OURS,
        Buildpack.composite(BuildpackReference.ALL_OURS, ours.order()));
  }

  /// `ours` itself where nothing is wanted. The app's files are in place already.
  static Catalogue join(Catalogue ours, List<Addition> wanted, WorkFolders work)
      throws IOException, BuildRefused {
    if (wanted.isEmpty()) {
      return ours;
    }
    var additions = new Additions(ours, work);
    for (var each : wanted) {
      additions.add(each);
    }
    return ours.with(additions.known, additions.group);
  }

  private void add(Addition addition) throws IOException, BuildRefused {
    switch (addition) {
      case Addition.Ours(var id) -> addOurs(id);
      case Addition.InApp(var reference, var path) -> {
        var tree = nextTree();
        TreeCopy.copy(folder(reference, path), tree);
        var digest = TreeDigest.of(tree);
        addTree(tree, "", new Origin(reference, digest));
      }
      case Addition.Fetched(var reference, var digest, var from, var main) -> {
        var tree = nextTree();
        TreeCopy.link(from, tree);
        addTree(tree, main, new Origin(reference, digest));
      }
    }
  }

  private void addOurs(String id) throws BuildRefused {
    if (!known.containsKey(id)) {
      throw BuildRefused.because(
          "the platform has no buildpack " + id,
          "take one of %s; those of others are named by their address"
              .formatted(String.join(", ", ours.known().keySet().stream().sorted().toList())));
    }
    group.add(new Member(id, false));
  }

  private Path nextTree() {
    return work.added().resolve(String.valueOf(++trees));
  }

  /// A folder of the app, reached by no link.
  private Path folder(String reference, String path) throws IOException, BuildRefused {
    var folder = work.workspace();
    for (var name : Path.of(path)) {
      folder = folder.resolve(name);
      if (!Contained.isRealFolder(folder)) {
        throw BuildRefused.because(
            "the repository has no folder %s, which the stack names as a buildpack"
                .formatted(reference),
            "commit it, or mesh stack buildpacks remove " + reference);
      }
    }
    if (Amount.of(List.of(folder)).bytes() > LARGEST_FOLDER) {
      throw BuildRefused.because(
          "the buildpack %s has more than %d MB".formatted(reference, LARGEST_FOLDER / 1_000_000),
          "let it fetch what it needs");
    }
    return folder;
  }

  private void addTree(Path tree, String main, Origin origin) throws IOException, BuildRefused {
    var found = BuildpackTree.read(tree, INSIDE + "/" + tree.getFileName(), origin);
    bytes += found.bytes();
    BuildpackTree.requireFew(bytes);
    for (var buildpack : found.all()) {
      known.put(buildpack.id() + "@" + buildpack.version(), buildpack);
      known.put(buildpack.id(), buildpack);
    }
    var meant = found.main(main);
    known.put(meant.id(), meant);
    group.add(new Member(meant.id(), meant.version(), false));
  }
}
