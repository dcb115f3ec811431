package dev.widemesh.builder;

import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.X509TrustManager;

/// Where commits come from. The git gateway implements it.
public interface Sources {
  /// The same, seen from a folder of each commit: nothing above it or beside it is there. A commit
  /// without that folder is refused ([SourceRefused]) when it is asked for.
  Sources below(SourcePath folder);

  /// Whether `commit` has `ancestor` among its ancestors, or is it.
  boolean descends(String stackId, String commit, String ancestor) throws IOException;

  /// The id of the tree: equal for equal content, whatever the commit's message.
  String tree(String stackId, String commit) throws IOException;

  /// The first `most` bytes of a file of the commit's tree; empty where `path` names no file.
  Optional<byte[]> file(String stackId, String commit, String path, int most) throws IOException;

  /// What makes the tree of one commit that of another, where it is nothing but the content of
  /// files: with a file more or less, another mode or link, a commit that is gone, or changes over
  /// the limits (before and after together) it is empty.
  Optional<List<FileChange>> changes(String stackId, String before, String after, Limits limits)
      throws IOException;

  /// Writes the commit's tree into an empty directory: files, executable bits, symbolic links as
  /// links, submodules as empty folders; never outside of it. Trees over the limits, and files of
  /// which only LFS pointers are there, are refused ([SourceTooLarge], [SourceRefused]) while it
  /// streams.
  Written export(String stackId, String commit, Path into, Limits limits) throws IOException;

  /// What was written, and what else belongs to it: `linksOut` are links that lead out of the tree,
  /// `submodules` what is to be put into the empty folders, `leftOut` the folders of those that
  /// `.gitmodules` says to leave out.
  record Written(List<String> linksOut, List<Submodule> submodules, List<String> leftOut) {
    public Written {
      linksOut = List.copyOf(linksOut);
      submodules = List.copyOf(submodules);
      leftOut = List.copyOf(leftOut);
    }
  }

  /// A commit of another repository that the tree has at `path`, below what was written. `address`
  /// is the text that `.gitmodules` of that tree's commit has for it: empty where it has none.
  record Submodule(String path, String commit, String address) {}

  /// `bytes` unpacked, in all.
  record Limits(long bytes, int files) {}

  /// What a tree elsewhere is for. A submodule is part of an app: what it names itself must be had.
  /// Of a buildpack submodules stay empty folders, and what `.gitmodules` says is not looked at; a
  /// pointer of git LFS stays one.
  enum Use {
    BUILDPACK,
    SUBMODULE
  }

  /// A repository elsewhere, read over https: what for, which way there, whom to trust, how long it
  /// may be silent, and a folder for what is needed on the way.
  record Remote(
      URI repository,
      Use use,
      Proxy way,
      List<X509TrustManager> trust,
      Duration silence,
      Path scratch) {
    public Remote {
      trust = List.copyOf(trust);
    }
  }

  /// A commit elsewhere, and the name it was found under: none where it was asked for by its id.
  record Found(String name, String commit) {}

  /// What a branch, tag or commit is just now; that of nothing is the default branch. Empty where
  /// the repository has no such name.
  Optional<Found> find(Remote remote, String ref) throws IOException;

  /// Writes the tree of a commit elsewhere into an empty directory, as [#export] does. One that
  /// cannot be had whole is refused as well ([SourceRefused]).
  Written export(Remote remote, Found found, Path into, Limits limits) throws IOException;
}
