package dev.widemesh.allinone;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// Unpacks the embedded PostgreSQL (`initdb`, `pg_ctl`, `postgres`) from its jar, once.
final class PostgresBinaries {
  private static final String VERSION = "18.6";

  private PostgresBinaries() {}

  /// The folder that holds `bin/`.
  static Path unpack(Path parent) throws IOException {
    var folder = parent.resolve("binaries-" + VERSION);
    if (Files.exists(folder)) {
      return folder;
    }
    var draft = parent.resolve("binaries.draft");
    deleteTree(draft);
    Files.createDirectories(draft);
    try (var archive = archive();
        var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        unpack(tar, entry, draft);
      }
    }
    Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
    return folder;
  }

  private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path into)
      throws IOException {
    var target = into.resolve(entry.getName()).normalize();
    if (!target.startsWith(into)) {
      throw new IOException("an entry outside of the archive: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
    } else if (entry.isSymbolicLink()) {
      Files.createDirectories(target.getParent());
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.createDirectories(target.getParent());
      Files.copy(tar, target);
      var executable = (entry.getMode() & 0100) != 0;
      Files.setPosixFilePermissions(
          target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }
  }

  private static InputStream archive() {
    var cpu = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    var name = cpu.equals("aarch64") ? "arm_64" : "x86_64";
    var archive = PostgresBinaries.class.getResourceAsStream("/postgres-linux-" + name + ".txz");
    if (archive == null) {
      throw new Refused(
          "no embedded PostgreSQL for this CPU (" + cpu + ")",
          "set WIDEMESH_DATABASE_URL to a PostgreSQL server of your own");
    }
    return archive;
  }

  static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (var paths = Files.walk(folder)) {
      for (var path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
