package dev.widemesh.allinone;

import dev.widemesh.allinone.backup.BackupReader;
import dev.widemesh.allinone.backup.DamagedBackup;
import dev.widemesh.allinone.backup.Manifest;
import dev.widemesh.api.Json;
import dev.widemesh.controller.DatabaseImport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "restore",
    description =
        "Make a platform of a backup, in an empty folder. It is started by `up` as any other.")
final class Restore implements Callable<Integer> {
  @Mixin private DataOption dataOption = new DataOption();

  @Parameters(paramLabel = "FILE", description = "What `backup` wrote.")
  private Path file = Path.of("");

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "The platform's key (its secrets/seal.key), unless it is in the backup.")
  private @Nullable Path keyFile;

  @Option(names = "--json", description = "Say in JSON what was restored.")
  private boolean json;

  /// What scripts read.
  record Restored(
      String data,
      Instant made,
      long milliseconds,
      int environments,
      int stacks,
      int images,
      String start,
      List<String> lacking) {}

  @Override
  public Integer call() throws IOException, InterruptedException, SQLException {
    Preflight.root("restore");
    var data = dataOption.folder();
    Settings.ofThisProcess().check();
    var begin = Instant.now();
    Preflight.folder(data);
    Restoration.refuseUsed(data);
    var backup = read();
    var manifest = backup.manifest();
    var key = key(backup);
    refuse(data, manifest);
    restore(new Restoration(data, backup, key));
    var restored =
        new Restored(
            data.root().toString(),
            manifest.made(),
            Duration.between(begin, Instant.now()).toMillis(),
            manifest.environments(),
            manifest.stacks(),
            manifest.images(),
            start(data, manifest),
            manifest.lacking());
    System.out.println(json ? Json.write(restored) : words(restored));
    return 0;
  }

  private static void restore(Restoration restoration) throws InterruptedException {
    try {
      restoration.run();
    } catch (IOException | SQLException e) {
      throw new Refused(
          "the restore failed, and left nothing: " + e.getMessage(),
          "look for room on the disk (df -h), then restore once more");
    }
  }

  /// Nothing is believed, or done, before all of it was compared with its checksums.
  private BackupReader read() throws IOException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new Refused("there is no file " + file, "name one that ./widemesh backup wrote");
    }
    var size = Files.size(file);
    var progress = Progress.of("Checking");
    try {
      return BackupReader.open(file, done -> progress.show(done, size));
    } catch (DamagedBackup e) {
      throw new Refused(
          "%s cannot be restored: %s".formatted(file, e.getMessage()),
          "take another backup, or another copy of it; nothing was changed");
    } finally {
      progress.end();
    }
  }

  /// Proven to be the one with which the backup was made.
  private byte[] key(BackupReader backup) throws IOException {
    var key = keyFile == null ? backup.key() : Optional.of(named(keyFile));
    if (key.isEmpty()) {
      throw new Refused(
          "the key that opens the secrets of %s is not in it".formatted(file),
          "./widemesh restore %s --key FILE: the platform had it in secrets/seal.key"
              .formatted(file));
    }
    if (!backup.isSealedBy(key.get())) {
      throw new Refused(
          "%s was not made with this key, or altered since".formatted(file),
          "name the key of the platform that it is of: its secrets/seal.key");
    }
    return key.get();
  }

  private static byte[] named(Path keyFile) throws IOException {
    if (!Files.isRegularFile(keyFile) || Files.size(keyFile) > 1_000) {
      throw new Refused(keyFile + " is no key", "name a copy of the platform's secrets/seal.key");
    }
    return Files.readAllBytes(keyFile);
  }

  private static void refuse(DataFolder data, Manifest manifest) throws IOException, SQLException {
    if (!manifest.database().leadsToKnownSchema()) {
      throw new Refused(
          "the backup is of a newer Widemesh: this one does not know "
              + manifest.database().script(),
          "restore it with that version or a later one");
    }
    for (var part : manifest.parts()) {
      if (!BackupStage.isPart(part.name())) {
        throw new Refused(
            "the backup has a part that none can have: " + part.name(),
            "take another backup; this one was not made by ./widemesh backup");
      }
    }
    Preflight.disk(data.root(), manifest.bytes());
    var named = OperatorDatabase.named();
    if (named.isPresent()) {
      named.get().check();
      if (!DatabaseImport.isEmpty(named.get().url())) {
        throw new Refused(
            "the database of WIDEMESH_DATABASE_URL is not empty",
            "drop it and create it again, or name another");
      }
    }
  }

  private static String start(DataFolder data, Manifest manifest) {
    var line = new StringBuilder("./widemesh up --detach");
    if (!data.root().equals(DataFolder.usual())) {
      line.append(" --data ").append(data.root());
    }
    new TreeMap<>(manifest.options())
        .forEach((option, value) -> line.append(' ').append(option).append(' ').append(value));
    return line.toString();
  }

  private static String words(Restored restored) {
    var text = new StringBuilder();
    text.append(
        "Restored %d environments, %d stacks and %d images into %s (%.1f s), as of %s."
            .formatted(
                restored.environments(),
                restored.stacks(),
                restored.images(),
                restored.data(),
                restored.milliseconds() / 1000.0,
                restored.made()));
    for (var each : restored.lacking()) {
      text.append("\n !  The backup lacks ").append(each).append('.');
    }
    return text.append("\nStart it: ").append(restored.start()).toString();
  }
}
