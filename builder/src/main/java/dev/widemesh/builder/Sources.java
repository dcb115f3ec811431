package dev.widemesh.builder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where commits come from. The git gateway implements it.
public interface Sources {
  /// Whether `commit` has `ancestor` among its ancestors, or is it.
  boolean descends(String stackId, String commit, String ancestor) throws IOException;

  /// The id of the commit's tree: equal for equal content, whatever the commit's message.
  String tree(String stackId, String commit) throws IOException;

  /// The first `most` bytes of a file of the commit's tree; empty where `path` names no file.
  Optional<byte[]> file(String stackId, String commit, String path, int most) throws IOException;

  /// Writes the commit's tree into an empty directory: files, executable bits, symbolic links as
  /// links; never outside of it. Trees over the limits are refused ([SourceRefused]) while it
  /// streams. Answers the links that lead out of the tree.
  List<String> export(String stackId, String commit, Path into, Limits limits) throws IOException;

  /// `bytes` unpacked, in all.
  record Limits(long bytes, int files) {}
}
