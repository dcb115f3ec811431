package dev.widemesh.builder.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClosureTest {
  @TempDir Path folder;
  private final PackageIndex index = new PackageIndex();

  @BeforeEach
  void read() throws IOException {
    add(
        """
        Package: shell
        Version: 1
        Pre-Depends: libc:any (>= 2.0)
        Depends: awk, debconf (>= 1) | debconf-2.0

        Package: libc
        Version: 2.1

        Package: gawk
        Version: 1
        Provides: awk

        Package: mawk
        Version: 1
        Provides: awk
        Depends: libc (>= 2), shell
        """);
  }

  @Test
  void needs_are_followed_in_circles_and_sorted_without_what_nobody_needs() throws Exception {
    assertThat(names(List.of("shell"), Set.of("debconf"))).containsExactly("gawk", "libc", "shell");
  }

  @Test
  void what_is_wanted_anyway_fulfils_a_need_before_anything_else() throws Exception {
    assertThat(names(List.of("shell", "mawk"), Set.of("debconf")))
        .containsExactly("libc", "mawk", "shell");
  }

  @Test
  void the_newest_of_two_lists_wins() throws Exception {
    add("Package: libc\nVersion: 2.1+deb13u1\nFilename: fixed.deb\n");

    assertThat(index.find("libc").orElseThrow().url()).endsWith("/fixed.deb");
  }

  @Test
  void a_need_that_nothing_fulfils_is_named() {
    assertThatThrownBy(() -> names(List.of("shell"), Set.of()))
        .isInstanceOf(MirrorFailed.class)
        .hasMessageContaining("nothing for shell's [debconf, debconf-2.0]");
  }

  private List<String> names(List<String> wanted, Set<String> unneeded) throws MirrorFailed {
    return Closure.of(wanted, unneeded, index).stream().map(DebianPackage::name).toList();
  }

  private void add(String stanzas) throws IOException {
    var file = folder.resolve("Packages.xz");
    try (var xz = new XZOutputStream(Files.newOutputStream(file), new LZMA2Options())) {
      xz.write(stanzas.getBytes(StandardCharsets.UTF_8));
    }
    index.add(file, "http://mirror/debian");
  }
}
