package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SortedTreeTest {
  /// Some sort before the slash, some behind it.
  private static final List<String> NAMES =
      List.of("a", "a-b", "a.c", "a!", "a0", "ab", "A", "ü", "a b", "z");

  @TempDir private Path folder;

  @Test
  void all_paths_come_as_a_sorted_list_has_them() throws IOException {
    for (var seed = 0; seed < 10; seed++) {
      var tree = Files.createDirectory(folder.resolve("tree" + seed));
      grow(tree, new Random(seed), 2);

      var visited = new ArrayList<String>();
      SortedTree.walk(
          tree,
          (path, relative) -> {
            assertThat(path).isEqualTo(relative.isEmpty() ? tree : tree.resolve(relative));
            visited.add(relative);
          });

      assertThat(visited).as("seed %d", seed).isEqualTo(sorted(tree));
    }
  }

  @Test
  void a_link_to_a_folder_is_not_gone_into() throws IOException {
    Files.createDirectories(folder.resolve("tree/real/inner"));
    Files.createSymbolicLink(folder.resolve("tree/link"), Path.of("real"));
    Files.createSymbolicLink(folder.resolve("tree/round"), Path.of("."));

    var visited = new ArrayList<String>();
    SortedTree.walk(folder.resolve("tree"), (_, relative) -> visited.add(relative));

    assertThat(visited).containsExactly("", "link", "real", "real/inner", "round");
  }

  /// Which are no text: they read alike.
  @Test
  void names_that_are_only_bytes_have_one_order_whatever_the_file_system_lists() throws Exception {
    var names = "for n in e9 f1 80 ff c0 a7 e8 b3; do printf x > \"$(printf \"\\\\x$n\")\"; done";
    assertThat(new ProcessBuilder("bash", "-c", names).directory(folder.toFile()).start().waitFor())
        .isZero();

    var visited = new ArrayList<Path>();
    SortedTree.walk(folder, (path, _) -> visited.add(path));

    assertThat(visited).hasSize(9).isSorted();
  }

  private static void grow(Path tree, Random random, int depth) throws IOException {
    for (var name : NAMES) {
      switch (random.nextInt(depth == 0 ? 2 : 3)) {
        case 0 -> {}
        case 1 -> Files.writeString(tree.resolve(name), "x");
        default -> grow(Files.createDirectory(tree.resolve(name)), random, depth - 1);
      }
    }
  }

  private static List<String> sorted(Path tree) throws IOException {
    try (var all = Files.walk(tree)) {
      return all.map(path -> tree.relativize(path).toString()).sorted().toList();
    }
  }
}
