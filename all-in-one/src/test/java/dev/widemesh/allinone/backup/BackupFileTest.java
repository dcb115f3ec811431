package dev.widemesh.allinone.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.controller.DatabaseCopy;
import dev.widemesh.model.Sealer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    writer.addSealed(
        "sealed/secret", "hidden words".getBytes(StandardCharsets.UTF_8), new Sealer(KEY));
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
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("hidden words");
    assertThat(backup.manifest()).isEqualTo(manifest(backup.manifest().parts()));
    assertThat(backup.manifest().parts()).hasSize(3);
  }

  @Test
  void any_tar_lists_it() throws Exception {
    var file = Files.write(folder.resolve("written"), written);
    var tar = new ProcessBuilder("tar", "tf", file.toString()).redirectErrorStream(true).start();

    assertThat(new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines())
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

  @Test
  void no_part_leads_out_of_the_folder() throws IOException {
    var out = new ByteArrayOutputStream();
    var writer = new BackupWriter(out);
    writer.add("git/../../elsewhere", folder.resolve("part"));
    writer.finish(manifest(writer.parts()), new Sealer(KEY), new byte[0]);
    var backup = open(out.toByteArray());

    assertThatThrownBy(
            () -> backup.unpack(folder.resolve("out"), UnaryOperator.identity(), _ -> {}))
        .isInstanceOf(DamagedBackup.class)
        .hasMessageContaining("leads elsewhere");
    assertThat(folder.resolve("elsewhere")).doesNotExist();
  }

  private BackupReader open(byte[] content) throws IOException {
    return BackupReader.open(Files.write(folder.resolve("backup"), content), _ -> {});
  }
}
