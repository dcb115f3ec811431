package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
class EnvironmentFilesTest {
  @TempDir Path root;
  private final TreeMap<String, String> environment = new TreeMap<>(Map.of("OLD", "o"));

  @Test
  void suffixes_say_how_a_value_joins_the_one_before() throws Exception {
    write("SET", "s\n");
    write("OLD.override", "n");
    write("OLD2.default", "d");
    apply();
    assertThat(environment).containsEntry("SET", "s\n").containsEntry("OLD", "n");

    environment.put("OLD", "o");
    Files.delete(root.resolve("env/OLD.override"));
    write("OLD.append", "a");
    write("OLD.delim", "-");
    write("OLD2.default", "not this");
    write("SET.unknown", "ignored");
    apply();
    assertThat(environment).containsEntry("OLD", "o-a").containsEntry("OLD2", "d");
  }

  @Test
  void without_a_delimiter_values_are_joined_as_they_are() throws Exception {
    write("OLD.prepend", "p");
    apply();
    assertThat(environment).containsEntry("OLD", "po");
  }

  @Test
  void a_layer_adds_its_folders_to_the_paths() throws Exception {
    Files.createDirectories(root.resolve("layer/bin"));
    Files.createDirectories(root.resolve("layer/lib"));
    environment.put("PATH", "/bin");

    EnvironmentFiles.addLayer(
        environment, root.resolve("layer"), "/layers/x/layer", new Contained(root));

    assertThat(environment)
        .containsEntry("PATH", "/layers/x/layer/bin:/bin")
        .containsEntry("LD_LIBRARY_PATH", "/layers/x/layer/lib")
        .containsEntry("LIBRARY_PATH", "/layers/x/layer/lib")
        .doesNotContainKey("CPATH");
  }

  @Test
  void a_link_out_of_the_layers_is_not_read() throws Exception {
    write("SAFE", "s");
    Files.createSymbolicLink(root.resolve("env/HOST"), Path.of("/etc/hostname"));
    apply();
    assertThat(environment).containsEntry("SAFE", "s").doesNotContainKey("HOST");
  }

  private void write(String name, String content) throws Exception {
    Files.createDirectories(root.resolve("env"));
    Files.writeString(root.resolve("env").resolve(name), content);
  }

  private void apply() throws Exception {
    EnvironmentFiles.apply(environment, root.resolve("env"), new Contained(root));
  }
}
