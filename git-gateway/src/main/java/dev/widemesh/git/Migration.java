package dev.widemesh.git;

import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Links received packs (and loose objects) into the real object store.
///
/// The order is what survives a power cut: a pack without its index is invisible, an index without
/// its pack is damage. The files' data is on the disk already, their names are not.
record Migration(Path from, Path to) {
  private static final String PACK = ".pack";

  void run() throws IOException {
    for (var file : Disk.list(from.resolve("pack"))) {
      if (file.getFileName().toString().endsWith(PACK)) {
        linkPack(file);
      }
    }
    for (var folder : Disk.list(from)) {
      if (folder.getFileName().toString().length() == 2) {
        linkLoose(folder);
      }
    }
  }

  private void linkPack(Path pack) throws IOException {
    var folder = Files.createDirectories(to.resolve("pack"));
    var name = pack.getFileName().toString();
    var index = name.substring(0, name.length() - PACK.length()) + ".idx";
    var target = folder.resolve(name);
    // Equal names mean equal objects but not equal bytes: a complete pair stays as it is.
    if (Files.exists(target) && Files.exists(folder.resolve(index))) {
      return;
    }
    Files.deleteIfExists(folder.resolve(index));
    Files.deleteIfExists(target);
    Files.createLink(target, pack);
    Disk.sync(folder);
    Failpoint.PUSH_PACK_LINKED.pass();
    Files.createLink(folder.resolve(index), pack.resolveSibling(index));
    Disk.sync(folder);
  }

  private void linkLoose(Path folder) throws IOException {
    var target = Files.createDirectories(to.resolve(folder.getFileName()));
    for (var object : Disk.list(folder)) {
      try {
        Files.createLink(target.resolve(object.getFileName()), object);
      } catch (FileAlreadyExistsException _) {
        // the same object is there already
      }
    }
    Disk.sync(target);
  }
}
