package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TreeRemovalTest {
  @TempDir Path folder;

  @Test
  void folders_deeper_than_any_path_can_say_are_removed() throws IOException {
    var root = Files.createDirectory(folder.resolve("root"));
    nest(root);

    WorkFolders.delete(root);

    assertThat(root).doesNotExist();
  }

  @Test
  void a_link_is_removed_and_what_it_leads_to_stays() throws IOException {
    var kept = Files.writeString(folder.resolve("kept"), "yes");
    var root = Files.createDirectory(folder.resolve("root"));
    Files.createSymbolicLink(root.resolve("file"), kept);
    Files.createSymbolicLink(root.resolve("folder"), folder);

    WorkFolders.delete(root);

    assertThat(root).doesNotExist();
    assertThat(kept).hasContent("yes");
  }

  @Test
  @Tag("BLD-12")
  void what_cannot_be_walked_through_is_too_deep_and_not_nothing() throws IOException {
    nest(folder);
    try {
      assertThat(Amount.of(List.of(folder)).refusal(1L << 30))
          .hasValue("the build nested its folders too deep");
    } finally {
      WorkFolders.delete(folder.resolve("top"));
    }
  }

  /// Ten pieces of 1,000 bytes, the one at the bottom made first.
  private static void nest(Path into) throws IOException {
    var top = into.resolve("top");
    for (var piece = 0; piece < 10; piece++) {
      var fresh = into.resolve("fresh");
      var bottom = Files.createDirectories(fresh.resolve(("n".repeat(99) + "/").repeat(10)));
      if (Files.exists(top)) {
        Files.move(top, bottom.resolve("top"));
      }
      Files.move(fresh, top);
    }
  }
}
