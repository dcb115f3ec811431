package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.Buildpack.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class BuildpackTreeTest {
  private static final Origin ORIGIN = new Origin("https://host/it.git", "sha256:1", "");

  @TempDir Path root;

  @Test
  void the_one_at_the_top_is_meant_and_those_beside_it_are_known() throws Exception {
    write("", "a/top", "1");
    write("members/one", "a/one", "2");

    var tree = read();
    assertThat(tree.main("").id()).isEqualTo("a/top");
    assertThat(tree.all()).extracting(Buildpack::id).containsExactlyInAnyOrder("a/top", "a/one");
    assertThat(tree.all().getFirst().inside()).isEqualTo("/cnb/added/1/members/one");
  }

  @Test
  void the_only_one_is_meant_and_among_several_the_one_that_is_named() throws Exception {
    write("cnb/buildpacks/a_one/2", "a/one", "2");
    assertThat(read().main("").id()).isEqualTo("a/one");

    write("cnb/buildpacks/a_one/3", "a/one", "3");
    assertThat(read().main("a/one@3").version()).isEqualTo("3");
    assertThatThrownBy(() -> read().main("a/one@4")).hasMessageContaining("has no a/one@4");
    assertThatThrownBy(() -> read().main("")).hasMessageContaining("has no buildpack.toml");
  }

  @Test
  void what_cannot_be_read_in_a_folder_is_passed_over_and_at_the_top_refused() throws Exception {
    write("", "a/top", "1");
    Files.createDirectories(root.resolve("tests/template"));
    Files.writeString(root.resolve("tests/template/buildpack.toml"), "api = \"{{api}}\"\n[");
    assertThat(read().all()).hasSize(1);

    Files.writeString(root.resolve("buildpack.toml"), "api = \"0.2\"\n[buildpack]\nid = \"a\"\n");
    assertThatThrownBy(this::read).hasMessageContaining("unknown API (0.2)");
    for (var id : new String[] {"..", "a b", "sbom", "$(x)", ""}) {
      Files.writeString(root.resolve("buildpack.toml"), toml(id, "1"));
      assertThatThrownBy(this::read).as(id).hasMessageContaining("has no id or version");
    }
  }

  @Test
  void a_link_out_of_the_tree_is_not_read() throws Exception {
    var outside = Files.createTempDirectory("outside");
    Files.writeString(outside.resolve("buildpack.toml"), toml("a/secret", "1"));
    Files.createSymbolicLink(root.resolve("buildpack.toml"), outside.resolve("buildpack.toml"));
    Files.createSymbolicLink(root.resolve("folder"), outside);

    assertThat(read().all()).isEmpty();
    Files.delete(outside.resolve("buildpack.toml"));
    Files.delete(outside);
  }

  private BuildpackTree read() throws IOException, BuildRefused {
    return BuildpackTree.read(root, "/cnb/added/1", ORIGIN);
  }

  private void write(String folder, String id, String version) throws IOException {
    Files.createDirectories(root.resolve(folder));
    Files.writeString(root.resolve(folder).resolve("buildpack.toml"), toml(id, version));
  }

  private static String toml(String id, String version) {
    return "api = \"0.10\"\n[buildpack]\nid = \"%s\"\nversion = \"%s\"\n".formatted(id, version);
  }
}
