package dev.widemesh.allinone.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.Json;
import dev.widemesh.controller.DatabaseCopy;
import dev.widemesh.model.Sealer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupFileTest {
  private static final byte[] KEY =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OTHER =
      "fedcba9876543210fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
  private static final String LONG = "git/repositories/" + "name/".repeat(40) + "end";

  @TempDir Path folder;
  private byte[] written = new byte[0];

  @BeforeEach
  void write() throws IOException {
    var part = Files.writeString(folder.resolve("part"), "what lies in a part\n".repeat(50));
    var out = new ByteArrayOutputStream();
    var writer = new BackupWriter(out);
    writer.addSealed("sealed/secret", "hidden words".getBytes(UTF_8), new Sealer(KEY));
    writer.add("database/stack.copy.gz", part);
    writer.add(LONG, part);
    writer.finish(manifest(writer.parts()), new Sealer(KEY), new byte[0]);
    written = out.toByteArray();
  }

  private static Manifest manifest(List<Manifest.Part> parts) {
    var tables = List.of(new DatabaseCopy.Table("stack", List.of("id", "name"), 1));
    return new Manifest(
        Instant.EPOCH,
        new DatabaseCopy("001", "V001__accounts_keys_and_tokens.sql", tables),
        2,
        3,
        4,
        Map.of("--http", "8080"),
        List.of(),
        parts);
  }

  @Test
  void what_was_written_is_read_again_part_by_part() throws IOException {
    var backup = open(written);

    backup.unpack(folder.resolve("out"), UnaryOperator.identity(), _ -> {});

    assertThat(folder.resolve("out").resolve(LONG)).hasSameBinaryContentAs(folder.resolve("part"));
    var sealed = Files.readAllBytes(folder.resolve("out/sealed/secret"));
    assertThat(BackupReader.open("sealed/secret", sealed, new Sealer(KEY)))
        .asString(UTF_8)
        .isEqualTo("hidden words");
    assertThat(backup.manifest()).isEqualTo(manifest(backup.manifest().parts()));
    assertThat(backup.manifest().parts()).hasSize(3);
  }

  @Test
  void any_tar_lists_it() throws Exception {
    var file = Files.write(folder.resolve("written"), written);
    var tar = new ProcessBuilder("tar", "tf", file.toString()).redirectErrorStream(true).start();

    assertThat(new String(tar.getInputStream().readAllBytes(), UTF_8).lines())
        .containsExactly(
            "sealed/secret", "database/stack.copy.gz", LONG, "manifest.json", "manifest.seal");
    assertThat(tar.waitFor()).isZero();
  }

  @Test
  void no_byte_of_it_can_change_unnoticed() throws IOException {
    for (var at = 0; at < written.length; at += 7) {
      var altered = written.clone();
      altered[at] ^= (byte) (1 << (at % 8));

      assertThatThrownBy(() -> open(altered)).as("byte " + at).isInstanceOf(DamagedBackup.class);
    }
  }

  @Test
  void nothing_can_be_cut_off_or_added() {
    for (var length = 0; length < written.length; length += 97) {
      var cut = Arrays.copyOf(written, length);
      assertThatThrownBy(() -> open(cut)).isInstanceOf(DamagedBackup.class);
    }
    var longer = Arrays.copyOf(written, written.length + 1);
    assertThatThrownBy(() -> open(longer)).isInstanceOf(DamagedBackup.class);
  }

  @Test
  void only_the_key_that_it_was_made_with_fits() throws IOException {
    assertThat(open(written).isSealedBy(KEY)).isTrue();
    assertThat(open(written).isSealedBy(OTHER)).isFalse();
    assertThat(open(written).isSealedBy(new byte[3])).isFalse();
    assertThat(open(written).key()).isEmpty();
  }

  @Test
  void who_writes_another_manifest_needs_the_key() throws IOException {
    var out = new ByteArrayOutputStream();
    var writer = new BackupWriter(out);
    writer.add("git/evil", folder.resolve("part"));
    writer.finish(manifest(writer.parts()), new Sealer(OTHER), KEY);

    var forged = open(out.toByteArray());

    assertThat(forged.key()).hasValue(KEY);
    assertThat(forged.isSealedBy(KEY)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "git/../../elsewhere",
        "sealed/../../../etc/cron.d/x",
        "git/../secrets/admin",
        "..",
        "/etc/cron.d/x",
        "git//x",
        "git/./x",
        "git/x/",
        "git/x\ny",
        "git/x\0y",
        ""
      })
  void no_part_leads_out_of_the_folder(String name) throws IOException {
    var out = new ByteArrayOutputStream();
    var part = new Manifest.Part(name, 0, "");
    new BackupWriter(out).finish(manifest(List.of(part)), new Sealer(KEY), new byte[0]);

    assertThatThrownBy(() -> open(out.toByteArray()))
        .isInstanceOf(DamagedBackup.class)
        .hasMessageContaining("leads elsewhere");
  }

  @Test
  void a_manifest_that_is_none_is_named_as_such() {
    var text = "{\"parts\":null}";

    assertThatThrownBy(() -> open(ending(new End("manifest.json", text), new End("manifest.seal"))))
        .isInstanceOf(DamagedBackup.class)
        .hasMessageContaining("cannot be understood");
  }

  @Test
  void after_the_parts_there_is_nothing_but_what_is_known_and_small() throws IOException {
    var manifest = new End("manifest.json", Json.write(manifest(List.of())));
    var seal = new End("manifest.seal");
    assertThat(open(ending(manifest, seal, new End("seal.key"))).manifest().parts()).isEmpty();

    for (var more :
        List.of(
            new End("another"),
            manifest,
            new End("seal.key", "x".repeat(1_001)),
            new End("x".repeat(99)))) {
      assertThatThrownBy(() -> open(ending(manifest, seal, more)))
          .as(more.name())
          .isInstanceOf(DamagedBackup.class)
          .hasMessageContaining("more than a manifest");
    }
    assertThatThrownBy(() -> open(ending(manifest, new End("manifest.seal", "x".repeat(1_001)))))
        .isInstanceOf(DamagedBackup.class);
  }

  /// A name in a tar can be as long as a file, and is in memory before it can be refused.
  @Test
  void what_follows_the_parts_is_refused_unread_when_it_is_too_large() throws IOException {
    var manifest = new End("manifest.json", Json.write(manifest(List.of())));
    var endless = new End("x", "x".repeat(BackupWriter.LARGEST_MANIFEST + 200_000));

    assertThatThrownBy(() -> open(ending(manifest, new End("manifest.seal"), endless)))
        .isInstanceOf(DamagedBackup.class)
        .hasMessageContaining("too large");
  }

  @Test
  void a_backup_that_could_not_be_read_again_is_not_written() {
    var part = new Manifest.Part("git/" + "x".repeat(BackupWriter.LARGEST_MANIFEST), 0, "");
    var writer = new BackupWriter(OutputStream.nullOutputStream());

    assertThatThrownBy(() -> writer.finish(manifest(List.of(part)), new Sealer(KEY), new byte[0]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too large");
  }

  /// What somebody writes after the parts.
  private record End(String name, String content) {
    End(String name) {
      this(name, "x");
    }
  }

  /// A backup without parts that ends like this, its checksum in order.
  private static byte[] ending(End... ends) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(out)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      for (var end : ends) {
        var entry = new TarArchiveEntry(end.name());
        entry.setSize(end.content().length());
        tar.putArchiveEntry(entry);
        tar.write(end.content().getBytes(UTF_8));
        tar.closeArchiveEntry();
      }
    }
    var body = new Checksum();
    body.add(out.toByteArray(), 0, out.size());
    out.writeBytes(Tail.of(0, body).block());
    return out.toByteArray();
  }

  private BackupReader open(byte[] content) throws IOException {
    return BackupReader.open(Files.write(folder.resolve("backup"), content), _ -> {});
  }
}
