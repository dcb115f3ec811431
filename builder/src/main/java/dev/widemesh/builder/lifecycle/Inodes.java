package dev.widemesh.builder.lifecycle;

import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Files of one file system that were counted: one with several names (hard links) lies on the disk
/// once. Of more than so many all count, so that this has a bound. Threads may share it.
final class Inodes {
  private static final int MOST = 300_000;

  private final Set<Object> counted = ConcurrentHashMap.newKeySet();

  /// Whether that file was not counted yet; from now on it was.
  boolean count(BasicFileAttributes facts) {
    var key = facts.fileKey();
    return key == null || counted.size() >= MOST || counted.add(key);
  }
}
