package dev.widemesh.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.widemesh.builder.SourceRefused;
import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.TreeWalk;

/// What the `.gitmodules` of a commit says of submodules, seen from a folder of it. What it calls a
/// path is only compared with those of the tree, and a name means nothing at all.
record ModulesFile(Map<String, Entry> entries, String prefix) {
  /// Of a tree whose submodules are nobody's business.
  static final ModulesFile NONE = new ModulesFile(Map.of(), "");

  private static final String NAME = ".gitmodules";
  private static final String SECTION = "submodule";
  private static final int LARGEST = 1_000_000;
  private static final Entry NOTHING = new Entry("", false);

  /// `address` is empty where there is none.
  record Entry(String address, boolean isLeftOut) {}

  static ModulesFile read(ObjectReader reader, ObjectId top, SourcePath from) throws IOException {
    var prefix = from.isTop() ? "" : from.value() + "/";
    try (var at = TreeWalk.forPath(reader, NAME, top)) {
      var isThere = at != null && isFile(at.getFileMode(0));
      return new ModulesFile(isThere ? parse(reader, at.getObjectId(0)) : Map.of(), prefix);
    }
  }

  /// As git: one that may be run is no less a file.
  private static boolean isFile(FileMode mode) {
    return mode.equals(FileMode.REGULAR_FILE) || mode.equals(FileMode.EXECUTABLE_FILE);
  }

  private static Map<String, Entry> parse(ObjectReader reader, ObjectId file) throws IOException {
    var blob = reader.open(file);
    if (blob.getSize() > LARGEST) {
      throw new SourceRefused(".gitmodules is larger than 1 MB", "name fewer submodules in it");
    }
    try {
      var config = new Config();
      config.fromText(new String(blob.getBytes(), UTF_8));
      return parse(config);
    } catch (ConfigInvalidException e) {
      var refused =
          new SourceRefused(
              ".gitmodules cannot be read (%s)"
                  .formatted(Screen.clean(String.valueOf(e.getMessage()))),
              "correct it, commit and push again");
      refused.initCause(e);
      throw refused;
    }
  }

  private static Map<String, Entry> parse(Config config) {
    var entries = new HashMap<String, Entry>();
    for (var name : config.getSubsections(SECTION)) {
      var path = config.getString(SECTION, name, "path");
      var url = config.getString(SECTION, name, "url");
      var isLeftOut = "none".equals(config.getString(SECTION, name, "update"));
      if (path != null && (url != null || isLeftOut)) {
        entries.putIfAbsent(path, new Entry(url == null ? "" : url, isLeftOut));
      }
    }
    return entries;
  }

  /// Of the submodule at that path; empty where the file has none for it.
  String address(String path) {
    return entry(path).address();
  }

  /// Whether git would leave its folder empty (`update = none`).
  boolean leavesOut(String path) {
    return entry(path).isLeftOut();
  }

  private Entry entry(String path) {
    return entries.getOrDefault(prefix + path, NOTHING);
  }
}
