package dev.widemesh.allinone;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.widemesh.allinone.backup.BackupReader;
import dev.widemesh.controller.DatabaseImport;
import dev.widemesh.git.RepositoryCopies;
import dev.widemesh.model.Sealer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// Fills an empty folder from a backup, all of it or nothing: while the file `widemesh-restoring`
/// lies there, `up` refuses the folder, and the next restore begins with emptying it.
final class Restoration {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(45);
  private static final Duration SYNC = Duration.ofMinutes(10);
  private static final String MARKER = "widemesh-restoring";

  /// What a folder may hold and still be empty.
  private static final Set<String> NOTHING = Set.of(MARKER, "lost+found");

  private final DataFolder data;
  private final BackupReader backup;
  private final byte[] key;

  Restoration(DataFolder data, BackupReader backup, byte[] key) {
    this.data = data;
    this.backup = backup;
    this.key = key.clone();
  }

  static void refuseHalfDone(DataFolder data) {
    if (Files.exists(data.root().resolve(MARKER))) {
      throw new Refused(
          "a restore into %s did not come to its end".formatted(data.root()),
          "./widemesh restore FILE --data %s: it begins anew".formatted(data.root()));
    }
  }

  static void refuseUsed(DataFolder data) throws IOException {
    if (data.exists()) {
      throw new Refused(
          "there is a platform in %s already".formatted(data.root()),
          "restore into an empty folder: --data DIR");
    }
    if (!Files.exists(data.root().resolve(MARKER)) && !entries(data).isEmpty()) {
      throw new Refused(data.root() + " is not empty", "restore into an empty folder: --data DIR");
    }
  }

  private static List<Path> entries(DataFolder data) throws IOException {
    if (!Files.exists(data.root(), LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (var entries = Files.list(data.root())) {
      return entries.filter(path -> !NOTHING.contains(path.getFileName().toString())).toList();
    }
  }

  void run() throws IOException, InterruptedException, SQLException {
    Files.createDirectories(data.root());
    try (var _ = mark()) {
      empty("a restore did not come to its end");
      try {
        fill();
        Command.must(SYNC, List.of("sync", "-f", data.root().toString()));
      } catch (IOException | InterruptedException | SQLException | RuntimeException e) {
        empty("the restore failed (%s)".formatted(e.getMessage()));
        unmark();
        throw e;
      }
      unmark();
    }
  }

  private FileChannel mark() throws IOException {
    var channel = FileChannel.open(data.root().resolve(MARKER), CREATE, WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      throw new Refused(
          "another restore into %s is under way".formatted(data.root()), "wait until it ended");
    }
    channel.force(true);
    return channel;
  }

  /// Only for a folder that is whole or empty: to `up` the rest would be a platform.
  private void unmark() throws IOException {
    Files.delete(data.root().resolve(MARKER));
  }

  private void empty(String why) throws InterruptedException {
    try {
      Down.stop(data); // PostgreSQL, where a restore before this one was killed
      for (var entry : entries(data)) {
        PostgresBinaries.deleteTree(entry);
      }
    } catch (IOException | RuntimeException e) {
      throw new Refused(
          "%s, and what it left cannot be removed: %s".formatted(why, e.getMessage()),
          "see what holds %s (findmnt, lsattr), then restore once more: it begins anew"
              .formatted(data.root()));
    }
  }

  private void fill() throws IOException, InterruptedException, SQLException {
    data.make();
    DataOption.logInto(data);
    var draft = BackupStage.folder(data);
    unpack();
    unseal(draft.resolve(BackupStage.SEALED));
    var secrets = new Secrets(data.secrets());
    writePrivate(secrets.sealKey(), key, "r--------");
    new FormerKey(data).restored();
    secrets.make();
    RepositoryCopies.complete(data.control().resolve("git"));
    load(draft.resolve("database"), secrets);
    PostgresBinaries.deleteTree(draft);
  }

  private void unpack() throws IOException {
    var total = backup.manifest().bytes();
    var progress = Progress.of("Restoring");
    backup.unpack(data.root(), this::place, done -> progress.show(done, total));
    progress.end();
  }

  /// Where in the folder a part goes.
  private String place(String part) {
    var control = data.root().relativize(data.control());
    var draft = data.root().relativize(BackupStage.folder(data));
    var first = part.substring(0, Math.max(0, part.indexOf('/')));
    return switch (first) {
      case "git", "registry" -> control.resolve(part).toString();
      case "database", "sealed" -> draft.resolve(part).toString();
      default -> throw new IllegalStateException("a backup has no part " + part);
    };
  }

  private void unseal(Path folder) throws IOException {
    var sealer = new Sealer(key);
    // By our own list: a name in the file must not say where in the folder something is written.
    for (var name : BackupStage.SECRETS) {
      var part = folder.resolve(name);
      if (Files.exists(part)) {
        var open = BackupReader.open(BackupStage.SEALED + name, Files.readAllBytes(part), sealer);
        writePrivate(data.root().resolve(name), open, "rw-------");
      }
    }
  }

  private static void writePrivate(Path file, byte[] content, String mode) throws IOException {
    var attribute = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
    Files.createDirectories(file.getParent());
    try (var out = Files.newByteChannel(file, Set.of(CREATE_NEW, WRITE), attribute)) {
      out.write(ByteBuffer.wrap(content));
    }
  }

  /// Into a PostgreSQL that runs for this alone, or into the operator's own.
  private void load(Path tables, Secrets secrets)
      throws IOException, InterruptedException, SQLException {
    var copy = backup.manifest().database();
    var named = OperatorDatabase.named();
    if (named.isPresent()) {
      DatabaseImport.run(named.get().url(), copy, tables);
      return;
    }
    var postgres = new Postgres(data, secrets, FreePorts.besides(Set.of()).next());
    postgres.prepare();
    var server = new Child("postgres", postgres.argv(), data, "INT");
    try {
      postgres.makeDatabase(START);
      DatabaseImport.run(postgres.url(), copy, tables);
    } finally {
      server.stop(STOP);
    }
  }
}
