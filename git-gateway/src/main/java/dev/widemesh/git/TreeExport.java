package dev.widemesh.git;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.widemesh.builder.SourceRefused;
import dev.widemesh.builder.SourceTooLarge;
import dev.widemesh.builder.Sources.Limits;
import dev.widemesh.builder.Sources.Submodule;
import dev.widemesh.builder.Sources.Written;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;

/// Writes a tree into an empty folder.
///
/// Nothing is ever written outside: each name is one plain segment, each folder and file is made
/// here and must be new, so that no link of the tree is ever passed through.
final class TreeExport {
  private static final int MAX_DEPTH = 200;
  private static final int MAX_LINK = 4_096;
  private static final int MOST_LINKS = 1_000;
  private static final Set<PosixFilePermission> PLAIN =
      PosixFilePermissions.fromString("rw-r--r--");
  private static final Set<PosixFilePermission> PROGRAM =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private static final String RENAME = "git mv it to another name, commit and push again";
  private static final String TOO_MUCH =
      "keep what is downloaded or made out of git: list it in .gitignore, git rm -r --cached it,"
          + " commit and push again";

  /// Where the tree lies in build and image; a link there is no way out.
  private static final Path INSIDE = Path.of("/workspace");

  private final ObjectReader reader;
  private final Limits limits;
  private final Path into;
  private final ModulesFile modules;
  private final LfsFiles lfs;
  private final List<String> linksOut = new ArrayList<>();
  private final List<Submodule> submodules = new ArrayList<>();
  private final List<String> leftOut = new ArrayList<>();
  private long bytes;
  private int files;

  TreeExport(ObjectReader reader, Limits limits, Path into, ModulesFile modules, LfsFiles lfs) {
    this.lfs = lfs;
    this.modules = modules;
    this.reader = reader;
    this.limits = limits;
    this.into = into;
  }

  Written write(ObjectId tree) throws IOException {
    try {
      writeTree(tree, into, 0);
      return new Written(linksOut, submodules, leftOut);
    } catch (FileAlreadyExistsException e) {
      throw new SourceRefused(
          "the commit has a name twice: " + into.relativize(Path.of(e.getFile())), RENAME);
    }
  }

  private void writeTree(ObjectId tree, Path folder, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new SourceRefused("folders are nested deeper than " + MAX_DEPTH, "nest them less deep");
    }
    var entries = new CanonicalTreeParser();
    for (entries.reset(reader, tree); !entries.eof(); entries.next()) {
      count();
      var target = child(folder, entries);
      writeEntry(entries.getEntryFileMode(), entries.getEntryObjectId(), target, depth);
    }
  }

  private void writeEntry(FileMode mode, ObjectId id, Path target, int depth) throws IOException {
    switch (mode.getObjectType()) {
      case Constants.OBJ_TREE -> {
        Files.createDirectory(target);
        writeTree(id, target, depth + 1);
      }
      case Constants.OBJ_BLOB -> writeBlob(mode, reader.open(id, Constants.OBJ_BLOB), target);
      case Constants.OBJ_COMMIT -> {
        Files.createDirectory(target);
        addSubmodule(into.relativize(target).toString(), id);
      }
      default ->
          throw new SourceRefused(
              "the commit has an entry of an unknown kind: %s (%s)"
                  .formatted(Screen.clean(into.relativize(target).toString()), mode),
              "git fsck, git rm it, commit and push again");
    }
  }

  private void addSubmodule(String path, ObjectId commit) {
    if (modules.leavesOut(path)) {
      leftOut.add(path);
    } else {
      submodules.add(new Submodule(path, commit.name(), modules.address(path)));
    }
  }

  private void writeBlob(FileMode mode, ObjectLoader blob, Path target) throws IOException {
    if (mode.equals(FileMode.SYMLINK)) {
      count(blob.getSize());
      writeLink(blob, target);
      return;
    }
    var pointer = pointer(blob);
    var content = pointer.isPresent() ? find(pointer.get(), target) : Optional.<Path>empty();
    if (pointer.isPresent() && content.isPresent()) {
      writeContent(pointer.get(), content.get(), target);
    } else {
      count(blob.getSize());
      try (var in = blob.openStream();
          var out = Files.newOutputStream(target, CREATE_NEW, WRITE)) {
        in.transferTo(out);
      }
    }
    Files.setPosixFilePermissions(target, mode.equals(FileMode.EXECUTABLE_FILE) ? PROGRAM : PLAIN);
  }

  private static Optional<LfsPointer> pointer(ObjectLoader blob) throws IOException {
    return blob.getSize() <= LfsPointer.LONGEST
        ? LfsPointer.parse(blob.getBytes())
        : Optional.empty();
  }

  private Optional<Path> find(LfsPointer pointer, Path target) throws IOException {
    return lfs.find(pointer, Screen.clean(into.relativize(target).toString()));
  }

  /// Whoever wants the file does not want the pointer.
  private void writeContent(LfsPointer pointer, Path file, Path target) throws IOException {
    count(pointer.size());
    var digest = LfsStore.sha256();
    try (var in = new DigestInputStream(Files.newInputStream(file), digest);
        var out = Files.newOutputStream(target, CREATE_NEW, WRITE)) {
      in.transferTo(out);
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(pointer.oid())) {
      throw new IOException("the LFS file %s is damaged on the server's disk".formatted(file));
    }
  }

  private void writeLink(ObjectLoader blob, Path target) throws IOException {
    if (blob.getSize() > MAX_LINK) {
      throw new SourceRefused(
          "a symbolic link is too long: " + into.relativize(target), "make it a real link");
    }
    var to = path(decode(blob.getCachedBytes()));
    Files.createSymbolicLink(target, to);
    var from = into.relativize(target);
    if (leadsOut(from, to) && linksOut.size() < MOST_LINKS) {
      linksOut.add(Screen.clean("%s -> %s".formatted(from, to)));
    }
  }

  private static boolean leadsOut(Path from, Path to) {
    var target = INSIDE.resolve(from).resolveSibling(to).normalize();
    return !target.startsWith(INSIDE);
  }

  private static Path child(Path folder, CanonicalTreeParser entry) throws IOException {
    var raw = new byte[entry.getNameLength()];
    entry.getName(raw, 0);
    var name = decode(raw);
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.indexOf('/') >= 0
        || name.toLowerCase(Locale.ROOT).equals(".git")) {
      throw new SourceRefused(
          "the commit has a name that is not allowed: '" + Screen.clean(name) + "'", RENAME);
    }
    return folder.resolve(path(name));
  }

  private static Path path(String text) throws IOException {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IOException(
          "the name '%s' cannot be written here: start the server with LC_ALL=C.UTF-8"
              .formatted(Screen.clean(text)),
          e);
    }
  }

  private static String decode(byte[] raw) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    } catch (CharacterCodingException e) {
      var refused = new SourceRefused("the commit has a name that is not UTF-8", RENAME);
      refused.initCause(e);
      throw refused;
    }
  }

  private void count() throws IOException {
    if (++files > limits.files()) {
      throw new SourceTooLarge(
          "the commit has more than %,d files".formatted(limits.files()), TOO_MUCH);
    }
  }

  private void count(long size) throws IOException {
    bytes += size;
    if (bytes > limits.bytes()) {
      throw new SourceTooLarge(
          "the commit's files have more than %,d MB".formatted(limits.bytes() / 1_000_000),
          TOO_MUCH);
    }
  }
}
