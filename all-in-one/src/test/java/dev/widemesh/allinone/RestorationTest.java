package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.allinone.backup.BackupReader;
import dev.widemesh.allinone.backup.BackupWriter;
import dev.widemesh.allinone.backup.DamagedBackup;
import dev.widemesh.allinone.backup.Manifest;
import dev.widemesh.controller.DatabaseCopy;
import dev.widemesh.model.Sealer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Of backups that nobody should have to restore.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RestorationTest {
  private static final byte[] KEY =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private TestPlatform platform;
  private Path file;

  @BeforeEach
  void open() throws IOException {
    platform = TestPlatform.stopped(Map.of());
    file = platform.folder.resolve("backup");
  }

  @AfterEach
  void close() throws IOException {
    platform.close();
  }

  /// Who makes a file himself puts the key in that fits it.
  @ParameterizedTest
  @ValueSource(strings = {"sealed/../outside", "sealed/platform.json", "rack/x", "outside"})
  void a_part_goes_nowhere_but_where_a_backup_has_it(String name) throws IOException {
    write(name);

    var restore = platform.widemesh("restore", file.toString());

    assertThat(restore.exitCode()).as(restore.all()).isEqualTo(1);
    assertThat(restore.err()).startsWith("widemesh: ").contains(name, "\n  try: ");
    assertThat(restore.err().lines()).as(restore.all()).hasSize(2);
    assertThat(platform.folder.resolve("outside")).doesNotExist();
    assertThat(platform.data).doesNotExist();
  }

  /// The file is a pipe by the time that it is read, so that the disk can become such a one while
  /// the restore is under way.
  @Test
  void half_a_restore_that_cannot_be_removed_is_never_taken_for_a_platform() throws Exception {
    write("database/account.copy.gz");
    var data = new DataFolder(platform.data);
    var restoration = new Restoration(data, BackupReader.open(file, _ -> {}), KEY);
    Files.delete(file);
    run("mkfifo", file.toString());
    var restoring = Shell.inBackground(() -> failureOf(restoration));
    Await.until("it fills", Duration.ofSeconds(30), () -> Files.isDirectory(data.router()));
    var held = Files.createDirectory(data.control().resolve("held"));
    run("mount", "-t", "tmpfs", "tmpfs", held.toString());
    try {
      Shell.inBackground(() -> writeNothing(file)).get(30, TimeUnit.SECONDS);

      assertThat(restoring.get(30, TimeUnit.SECONDS))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("the restore failed (it was altered")
          .hasMessageContaining("cannot be removed")
          .hasMessageContaining("held");
      assertThatThrownBy(() -> Restoration.refuseHalfDone(data)).isInstanceOf(Refused.class);
      assertThat(platform.tryUp().err()).contains("did not come to its end");
    } finally {
      run("umount", held.toString());
    }

    Files.delete(file);
    Files.createFile(file);
    assertThat(failureOf(restoration)).isInstanceOf(DamagedBackup.class);
    assertThat(platform.data).isEmptyDirectory();
    assertThatCode(() -> Restoration.refuseHalfDone(data)).doesNotThrowAnyException();
  }

  private static Exception failureOf(Restoration restoration) {
    try {
      restoration.run();
      return new IllegalStateException("it succeeded");
    } catch (Exception e) {
      return e;
    }
  }

  /// Returns when somebody reads it, who finds its end.
  private static boolean writeNothing(Path pipe) {
    try (var _ = Files.newOutputStream(pipe)) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String name) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      var sealer = new Sealer(KEY);
      var writer = new BackupWriter(out);
      writer.addSealed(name, "evil".getBytes(StandardCharsets.UTF_8), sealer);
      var database = new DatabaseCopy("001", "V001__accounts_keys_and_tokens.sql", List.of());
      writer.finish(
          new Manifest(Instant.now(), database, 0, 0, 0, Map.of(), List.of(), writer.parts()),
          sealer,
          KEY);
    }
  }

  private void run(String... argv) {
    Shell.run(platform.folder, Map.of(), List.of(argv)).ok();
  }
}
