package dev.widemesh.allinone;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.widemesh.allinone.backup.BackupWriter;
import dev.widemesh.allinone.backup.Manifest;
import dev.widemesh.api.Json;
import dev.widemesh.model.Sealer;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "backup",
    description = {
      "Write everything that a platform cannot make again into one file, while it runs.",
      "Exit code 3: it was made, but something was nowhere to be found."
    })
final class Backup implements Callable<Integer> {
  private static final int INCOMPLETE = 3;

  @Mixin private DataOption dataOption = new DataOption();

  @Parameters(paramLabel = "FILE", description = "A new file, readable by its owner only.")
  private Path file = Path.of("");

  @Option(
      names = "--with-keys",
      description =
          "Put the platform's key in as well: then whoever has the file has every secret in it.")
  private boolean withKeys;

  @Option(names = "--json", description = "Say in JSON what was made.")
  private boolean json;

  /// What scripts read.
  record Made(
      String file,
      long bytes,
      long milliseconds,
      int environments,
      int stacks,
      int images,
      boolean withKeys,
      List<String> lacking) {}

  @Override
  public Integer call() throws IOException {
    Preflight.root("backup");
    var data = dataOption.folder();
    Settings.ofThisProcess().check();
    var target = file.toAbsolutePath().normalize();
    refuse(data, target);
    var made = make(data, target);
    System.out.println(json ? Json.write(made) : words(made, data));
    return made.lacking().isEmpty() ? 0 : INCOMPLETE;
  }

  private Made make(DataFolder data, Path target) throws IOException {
    var begin = Instant.now();
    try (var _ = lock(data)) {
      var platform = Platform.read(data);
      try (var stage = BackupStage.hold(data, database(data, platform))) {
        write(data, stage, platform, target);
        var held = stage.held();
        return new Made(
            target.toString(),
            Files.size(target),
            Duration.between(begin, Instant.now()).toMillis(),
            held.environments(),
            held.stacks(),
            held.images(),
            withKeys,
            held.lacking());
      }
    } catch (SQLException e) {
      throw new Refused(
          "the database cannot be read: " + e.getMessage(), "./widemesh status, then once more");
    } catch (IOException e) {
      throw new Refused(
          "the backup cannot be written: " + e.getMessage(),
          "look for room on the disk: df -h " + folder(target));
    }
  }

  private static void refuse(DataFolder data, Path target) throws IOException {
    if (!data.exists()) {
      throw new Refused(
          "there is no platform in " + data.root(), "name its folder with --data DIR");
    }
    if (Files.exists(target)) {
      throw new Refused(target + " exists already", "choose another name, or remove it first");
    }
    if (!Files.isDirectory(folder(target))) {
      throw new Refused("there is no folder " + folder(target), "mkdir -p " + folder(target));
    }
    if (Supervisor.pidFile(data).process().isEmpty()) {
      throw new Refused(
          "Widemesh is not up on %s: its database must answer".formatted(data.root()),
          "./widemesh up --detach --data " + data.root());
    }
  }

  private static Path folder(Path file) {
    var parent = file.getParent();
    return parent == null ? file : parent;
  }

  private static FileChannel lock(DataFolder data) throws IOException {
    var channel = FileChannel.open(data.run().resolve("backup.lock"), CREATE, WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      throw new Refused(
          "another backup of %s is being made".formatted(data.root()), "wait until it ended");
    }
    return channel;
  }

  private static String database(DataFolder data, Platform platform) throws IOException {
    var embedded = new Postgres(data, new Secrets(data.secrets()), platform.postgres());
    var named = OperatorDatabase.named();
    return named.isPresent() ? named.get().url() : embedded.url();
  }

  /// Whole under its name, or not there.
  private void write(DataFolder data, BackupStage stage, Platform platform, Path target)
      throws IOException {
    try (var draft = Draft.of(target)) {
      var sealKey = new Secrets(data.secrets()).sealKey();
      var sealer = Sealer.fromFile(sealKey);
      var writer = new BackupWriter(Channels.newOutputStream(draft.channel()));
      var progress = Progress.of("Backing up");
      stage.write(writer, sealer, progress);
      progress.end();
      var key = withKeys ? Files.readAllBytes(sealKey) : new byte[0];
      writer.finish(manifest(stage.held(), platform, writer.parts()), sealer, key);
      draft.become(target);
    }
  }

  private static Manifest manifest(
      BackupStage.Held held, Platform platform, List<Manifest.Part> parts) {
    return new Manifest(
        Instant.now(),
        held.database(),
        held.environments(),
        held.stacks(),
        held.images(),
        platform.options(),
        held.lacking(),
        parts);
  }

  private static String words(Made made, DataFolder data) {
    var text = new StringBuilder();
    text.append(
        "Backed up %d environments, %d stacks and %d images to %s (%d MB, %.1f s)."
            .formatted(
                made.environments(),
                made.stacks(),
                made.images(),
                made.file(),
                (made.bytes() + 999_999) / 1_000_000,
                made.milliseconds() / 1000.0));
    for (var each : made.lacking()) {
      text.append("\n !  It lacks ").append(each).append(", which was nowhere to be found.");
    }
    text.append(
        made.withKeys()
            ? "\nIt holds the platform's key: whoever has the file has every secret in it."
            : "\nA restore needs the key, which is not in it; keep it elsewhere: "
                + new Secrets(data.secrets()).sealKey());
    return text.toString();
  }
}
