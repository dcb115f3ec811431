package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LayerTarTest {
  @TempDir Path folder;

  @Test
  void the_same_files_written_in_another_order_at_another_time_give_the_same_bytes()
      throws IOException {
    var first = folder.resolve("first");
    var second = folder.resolve("second");
    for (var name : List.of("a", "b", "sub/c")) {
      write(first.resolve(name), FileTime.fromMillis(0));
    }
    for (var name : List.of("sub/c", "b", "a")) {
      write(second.resolve(name), FileTime.fromMillis(1_000_000_000));
    }

    var one = LayerTar.of("x", first, "/app", Owner.APP, folder.resolve("tars-1"));
    var two = LayerTar.of("x", second, "/app", Owner.APP, folder.resolve("tars-2"));

    assertThat(two.diffId()).isEqualTo(one.diffId()).isEqualTo(Sha256.of(one.tar()));
    assertThat(one.tar()).hasSize(one.bytes()).hasSameBinaryContentAs(two.tar());
  }

  @Test
  void parents_belong_to_root_and_content_to_its_owner() throws IOException {
    write(folder.resolve("tree/run"), FileTime.fromMillis(0));
    Files.setPosixFilePermissions(
        folder.resolve("tree/run"), PosixFilePermissions.fromString("rwx--x--x"));

    var entries = entries(LayerTar.of("x", folder.resolve("tree"), "/layers/a", Owner.APP, folder));

    assertThat(entries)
        .extracting(TarArchiveEntry::getName)
        .containsExactly("layers/", "layers/a/", "layers/a/run");
    assertThat(entries)
        .extracting(TarArchiveEntry::getLongUserId)
        .containsExactly(0L, 1000L, 1000L);
    assertThat(entries.get(2).getMode() & 07777).isEqualTo(0711);
    assertThat(entries.get(2).getUserName()).isEmpty();
  }

  @Test
  void links_to_parents_and_to_nowhere_are_kept_and_not_followed() throws IOException {
    Files.createDirectories(folder.resolve("tree/sub"));
    Files.createSymbolicLink(folder.resolve("tree/sub/up"), Path.of(".."));
    Files.createSymbolicLink(folder.resolve("tree/nowhere"), Path.of("/no/where"));

    var entries = entries(LayerTar.of("x", folder.resolve("tree"), "/a", Owner.APP, folder));

    assertThat(entries)
        .filteredOn(TarArchiveEntry::isSymbolicLink)
        .extracting(TarArchiveEntry::getLinkName)
        .containsExactly("/no/where", "..");
  }

  @Test
  void hard_links_stay_links_and_what_they_lead_to_outside_does_not_matter() throws IOException {
    var tree = Files.createDirectories(folder.resolve("tree"));
    var outside = Files.writeString(folder.resolve("outside"), "one");
    Files.createLink(tree.resolve("a"), outside);
    Files.createLink(tree.resolve("b"), outside);

    var entries = entries(LayerTar.of("x", tree, "/app", Owner.APP, folder));

    assertThat(entries)
        .extracting(TarArchiveEntry::getName)
        .containsExactly("app/", "app/a", "app/b");
    assertThat(entries.get(1).isFile()).isTrue();
    assertThat(entries.get(1).getSize()).isEqualTo(3);
    assertThat(entries.get(2).isLink()).isTrue();
    assertThat(entries.get(2).getLinkName()).isEqualTo("app/a");
  }

  /// As long as the kernel lets names and paths be, less what stands before them here.
  @Test
  void the_longest_names_of_a_tree_survive() throws IOException {
    var tree = Files.createDirectories(folder.resolve("tree"));
    var relative = String.join("/", Collections.nCopies(14, "x".repeat(255)));
    write(tree.resolve(relative), FileTime.fromMillis(0));

    var entries = entries(LayerTar.of("x", tree, "/app", Owner.APP, folder));

    assertThat(entries).hasSize(15);
    assertThat(entries.getLast().getName()).isEqualTo("app/" + relative);
    assertThat(entries.getLast().getSize()).isEqualTo(255);
  }

  @Test
  void setuid_pipes_and_devices_are_left_out() throws Exception {
    var tree = Files.createDirectories(folder.resolve("tree"));
    var program = Files.writeString(tree.resolve("program"), "x");
    var pipe = tree.resolve("pipe").toString();
    assertThat(new ProcessBuilder("mkfifo", pipe).start().waitFor()).isZero();
    var device = tree.resolve("device").toString();
    assertThat(new ProcessBuilder("mknod", device, "c", "1", "3").start().waitFor()).isZero();
    Files.setAttribute(program, "unix:mode", 06755);
    assertThat((int) Files.getAttribute(program, "unix:mode") & 07777).isEqualTo(06755);

    var entries = entries(LayerTar.of("x", tree, "/a", Owner.APP, folder));

    assertThat(entries).extracting(TarArchiveEntry::getName).containsExactly("a/", "a/program");
    assertThat(entries.getLast().getMode() & 07777).isEqualTo(0755);
  }

  @Test
  void long_and_foreign_names_and_empty_files_survive() throws IOException {
    var name = "/a/" + "ü".repeat(80) + "/" + "x".repeat(150);
    var layer =
        LayerTar.named("x").file(name, new byte[0], 0644, Owner.ROOT).write(folder.resolve("tars"));

    assertThat(entries(layer).getLast().getName()).isEqualTo(name.substring(1));
  }

  @Test
  void a_later_entry_replaces_an_earlier_one() throws IOException {
    var layer =
        LayerTar.named("x")
            .file("/etc/x", bytes("old"), 0644, Owner.ROOT)
            .file("/etc/x", bytes("newer"), 0600, Owner.ROOT)
            .write(folder.resolve("tars"));

    assertThat(entries(layer)).hasSize(2);
    assertThat(entries(layer).getLast().getSize()).isEqualTo(5);
  }

  private static List<TarArchiveEntry> entries(Layer layer) throws IOException {
    try (var tar = new TarFile(layer.tar())) {
      return new ArrayList<>(tar.getEntries());
    }
  }

  private static void write(Path file, FileTime time) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, file.getFileName().toString());
    Files.setLastModifiedTime(file, time);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
