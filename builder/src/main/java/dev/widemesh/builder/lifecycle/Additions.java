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
  private static final long MOST_BYTES = 200_000_000;
  private static final int MOST_FILES = 50_000;

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
    additions.requireModest(wanted);
    for (var each : wanted) {
      additions.add(each);
    }
    return ours.with(additions.known, additions.group);
  }

  /// Before the first is copied, and each counted: one may lie in the other.
  private void requireModest(List<Addition> wanted) throws IOException, BuildRefused {
    var folders = new ArrayList<Path>();
    for (var each : wanted) {
      if (each instanceof Addition.InApp inApp) {
        folders.add(folder(inApp));
      }
    }
    var amount = Amount.of(folders);
    if (amount.deep() || amount.bytes() > MOST_BYTES || amount.files() > MOST_FILES) {
      throw BuildRefused.because(
          "the folders of the app that the stack names as buildpacks have more than %d MB or %,d files together"
              .formatted(MOST_BYTES / 1_000_000, MOST_FILES),
          "let them fetch what they need, and name none inside of another");
    }
  }

  private void add(Addition addition) throws IOException, BuildRefused {
    switch (addition) {
      case Addition.Ours(var id) -> addOurs(id);
      case Addition.InApp inApp -> {
        var tree = nextTree();
        TreeCopy.copy(folder(inApp), tree);
        var digest = TreeDigest.of(tree);
        addTree(tree, "", new Origin(inApp.reference(), digest, ""));
      }
      case Addition.Fetched(var reference, var digest, var commit, var from, var main) -> {
        var tree = nextTree();
        TreeCopy.link(from, tree);
        addTree(tree, main, new Origin(reference, digest, commit));
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
  private Path folder(Addition.InApp wanted) throws BuildRefused {
    var folder = work.workspace();
    for (var name : Path.of(wanted.path())) {
      folder = folder.resolve(name);
      if (!Contained.isRealFolder(folder)) {
        throw missing(wanted);
      }
    }
    return folder;
  }

  private static BuildRefused missing(Addition.InApp wanted) {
    var root = wanted.root();
    return BuildRefused.because(
        "%s has no folder %s, which the stack names as a buildpack"
            .formatted(
                root.isTop() ? "the repository" : "the app's folder " + root, wanted.reference()),
        "commit it%s, or mesh stack buildpacks remove %s"
            .formatted(
                root.isTop() ? "" : " as %s/%s".formatted(root, wanted.path()),
                wanted.reference()));
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
    if (!meant.forProduction()) {
      throw BuildRefused.because(
          "the buildpack %s is not for production, and all images are here"
              .formatted(meant.shown()),
          "take another one: its exec-env says what it is for");
    }
    known.put(meant.id(), meant);
    group.add(new Member(meant.id(), meant.version(), false));
  }
}
