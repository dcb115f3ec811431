package dev.widemesh.builder.supply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class UnpackingTest {
  private static final long MOST_BYTES = 1_000_000;

  @TempDir Path root;
  private Path into;

  @BeforeEach
  void folder() throws IOException {
    into = Files.createDirectory(root.resolve("into"));
  }

  @Test
  void files_programs_folders_and_links_are_what_they_were() throws Exception {
    var deep = "a/" + "long-name-".repeat(15) + "/file";
    unpack(
        Map.of(
            "./buildpack.toml",
            "api",
            "bin/build",
            "#!/bin/sh",
            "empty/",
            "",
            "link",
            "->bin/build",
            "away",
            "->/etc/passwd",
            deep,
            "deep"));

    assertThat(into.resolve("buildpack.toml")).hasContent("api");
    assertThat(Files.isExecutable(into.resolve("bin/build"))).isTrue();
    assertThat(into.resolve("empty")).isEmptyDirectory();
    assertThat(Files.readSymbolicLink(into.resolve("link"))).isEqualTo(Path.of("bin/build"));
    assertThat(Files.readSymbolicLink(into.resolve("away"))).isEqualTo(Path.of("/etc/passwd"));
    assertThat(into.resolve(deep)).hasContent("deep");
  }

  @Test
  void a_hard_link_is_the_same_file() throws Exception {
    unpack(ordered("bin/build", "same", "bin/detect", "=>bin/build"));

    assertThat(into.resolve("bin/detect")).hasContent("same");
  }

  @Test
  void an_absolute_name_is_one_below() throws Exception {
    unpack(Map.of("/cnb/x", "inside"));

    assertThat(into.resolve("cnb/x")).hasContent("inside");
  }

  @Test
  void only_what_is_asked_for_is_taken() throws Exception {
    var tar = Packed.tgz(Map.of("cnb/buildpacks/a/1/bin/build", "yes", "etc/passwd", "no"));
    new Unpacking(into, "cnb/buildpacks/", MOST_BYTES, 100).unpack(plain(tar));

    assertThat(into.resolve("cnb/buildpacks/a/1/bin/build")).exists();
    assertThat(into.resolve("etc")).doesNotExist();
  }

  @ParameterizedTest(name = "{0} {1}, then {2} {3}")
  @CsvSource({
    "../out,       text,       x,          text",
    "a/../../out,  text,       x,          text",
    "link,         ->..,       link/out,   text",
    "link,         ->/tmp,     link/out,   text",
    "a/,           '',         a,          text",
    "a,            text,       a/b,        text",
    "a,            =>../x,     x,          text",
    "a,            =>missing,  x,          text",
    "l,            ->/etc,     a,          =>l/passwd",
  })
  void nothing_lands_outside(String first, String one, String second, String other) {
    assertThatThrownBy(() -> unpack(ordered(first, one, second, other)))
        .isInstanceOf(IOException.class);
    assertThat(root.resolve("out")).doesNotExist();
    assertThat(Path.of("/tmp/out")).doesNotExist();
  }

  @Test
  void a_link_is_replaced_and_not_written_through() throws Exception {
    Files.writeString(root.resolve("victim"), "mine");
    unpack(ordered("a", "->../victim", "./a", "theirs"));

    assertThat(root.resolve("victim")).hasContent("mine");
    assertThat(into.resolve("a")).hasContent("theirs");
  }

  @Test
  void devices_and_pipes_are_refused() throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      tar.putArchiveEntry(new TarArchiveEntry("pipe", TarConstants.LF_FIFO));
      tar.closeArchiveEntry();
    }

    assertThatThrownBy(() -> unpacking().unpack(new ByteArrayInputStream(bytes.toByteArray())))
        .hasMessageContaining("a device or a pipe");
  }

  @Test
  void too_many_bytes_and_too_many_files_are_refused() {
    assertThatThrownBy(() -> unpack(Map.of("big", "x".repeat((int) MOST_BYTES + 1))))
        .hasMessage("it unpacks to too much");
    var many = new LinkedHashMap<String, String>();
    for (var i = 0; i < 101; i++) {
      many.put("f" + i, "");
    }
    assertThatThrownBy(() -> unpack(many)).hasMessage("it unpacks to too much");
  }

  @Test
  void a_head_that_claims_a_long_name_is_refused_before_it_is_read() throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      var entry = new TarArchiveEntry("././@LongLink", TarConstants.LF_GNUTYPE_LONGNAME);
      entry.setSize(100_000);
      tar.putArchiveEntry(entry);
      tar.write(new byte[100_000]);
      tar.closeArchiveEntry();
    }

    assertThatThrownBy(() -> unpacking().unpack(new ByteArrayInputStream(bytes.toByteArray())))
        .hasMessage("it has a name that is too long");
  }

  @Test
  void heads_without_end_before_an_entry_are_refused() throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      for (var i = 0; i < 20; i++) {
        var entry = new TarArchiveEntry("x", TarConstants.LF_PAX_EXTENDED_HEADER_LC);
        var record = "13 key%02d=abc\n".formatted(i).getBytes(StandardCharsets.UTF_8);
        entry.setSize(record.length);
        tar.putArchiveEntry(entry);
        tar.write(record);
        tar.closeArchiveEntry();
      }
    }

    assertThatThrownBy(() -> unpacking().unpack(new ByteArrayInputStream(bytes.toByteArray())))
        .hasMessage("it is no tar, or a damaged one");
  }

  @Test
  void whatever_is_no_tar_ends_in_words() {
    var random = new Random(7);
    for (var round = 0; round < 2_000; round++) {
      var noise = new byte[random.nextInt(3_000)];
      random.nextBytes(noise);
      try {
        unpacking().unpack(new ByteArrayInputStream(noise));
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
  }

  /// One byte of it is changed: it unpacks to something within, or is refused.
  @Test
  void a_damaged_tar_does_no_harm() throws Exception {
    var whole =
        plain(Packed.tgz(ordered("bin/build", "text", "lib/link", "->../bin/build")))
            .readAllBytes();
    var random = new Random(11);
    for (var round = 0; round < 500; round++) {
      var damaged = whole.clone();
      damaged[random.nextInt(1_600)] = (byte) random.nextInt(256);
      var target = Files.createDirectory(root.resolve("round" + round));
      try {
        new Unpacking(target, "", MOST_BYTES, 100).unpack(new ByteArrayInputStream(damaged));
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
    try (var all = Files.list(root)) {
      assertThat(all).allMatch(path -> path.getFileName().toString().matches("into|round\\d+"));
    }
  }

  private Unpacking unpacking() {
    return new Unpacking(into, "", MOST_BYTES, 100);
  }

  private void unpack(Map<String, String> files) throws IOException {
    unpacking().unpack(plain(Packed.tgz(files)));
  }

  private static GZIPInputStream plain(byte[] packed) throws IOException {
    return new GZIPInputStream(new ByteArrayInputStream(packed));
  }

  private static Map<String, String> ordered(String... pairs) {
    var map = new LinkedHashMap<String, String>();
    for (var i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
