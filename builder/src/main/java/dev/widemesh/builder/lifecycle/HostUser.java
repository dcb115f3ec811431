package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/// Whom the files of a build belong to on this machine: 1000, as in the image; where this process
/// is not root it cannot give files away, and builds run as its own user.
public record HostUser(int uid, int gid) {
  private static final int APP = 1000;

  public static HostUser ofBuilds() throws IOException {
    return new HostUser(APP, APP).orSelf();
  }

  /// Whom this process can give files to.
  HostUser orSelf() throws IOException {
    var self = Path.of("/proc/self");
    var selfUid = (int) Files.getAttribute(self, "unix:uid");
    var selfGid = (int) Files.getAttribute(self, "unix:gid");
    return selfUid == 0 ? this : new HostUser(selfUid, selfGid);
  }

  boolean isSelf() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == uid;
  }

  /// Gives the folder and all below it to this user.
  public void take(Path folder) throws IOException {
    if (!isSelf()) {
      Files.walkFileTree(folder, new Taking());
    }
  }

  void takeOne(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
  }

  private final class Taking extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
        throws IOException {
      takeOne(folder);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      takeOne(file);
      return FileVisitResult.CONTINUE;
    }
  }
}
