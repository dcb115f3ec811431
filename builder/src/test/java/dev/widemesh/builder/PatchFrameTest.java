package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.supply.TlsHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The last image does only as long as everything is as it was, but for files that nobody looks
/// into: each part of that by itself makes a build, and the image is the one of a whole build.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-9")
@Tag("BLD-10")
class PatchFrameTest {
  private static final String REFERENCE = "/acme.tgz";
  private static final Map<String, String> NONE = Map.of();

  @TempDir static Path folder;
  private static TlsHost host;
  private static Workbench bench;

  private final String stack = "stack-" + UUID.randomUUID();
  private Path app = folder;

  @BeforeAll
  static void open() throws Exception {
    host = TlsHost.start(folder);
    bench = new Workbench(folder, host);
  }

  @AfterAll
  static void close() throws Exception {
    bench.close();
    host.close();
  }

  /// A stack with an image that does.
  @BeforeEach
  void deploy() throws Exception {
    host.put(REFERENCE, Pages.buildpack("1", "words.txt\\n/conf/*.toml\\napp.py\\tweb ="));
    app = Pages.in(Files.createTempDirectory(folder, "app"));
    write("conf/a.toml", "a = 1\n");
    write("conf/a.md", "# a\n");
    write("app.py", "web = 1\nmore = 1\n");
    bench.on(Workbench.Stand.USUAL);
    built(NONE);
  }

  /// One more version of a page, and whatever the test changed before.
  private Workbench.Push push(Map<String, String> settings) throws Exception {
    write("pages/index.html", "now " + UUID.randomUUID());
    return bench.push(stack, app, "", settings, host.url(REFERENCE));
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(app.resolve(file).getParent());
    Files.writeString(app.resolve(file), text);
  }

  private Built built(Map<String, String> settings) throws Exception {
    return built(push(settings));
  }

  private static Built built(Workbench.Push push) throws Exception {
    var built = push.build();
    assertThat(push.output()).contains(Pages.BUILT).doesNotContain(Pages.PATCHED);
    return built;
  }

  /// A change of one file, and nothing is built.
  private Patched patched(Map<String, String> settings) throws Exception {
    return patched(push(settings), "1 file");
  }

  private static Patched patched(Workbench.Push push, String files) throws Exception {
    var image = push.build();
    assertThat(push.output()).contains(Pages.PATCHED + files).doesNotContain(Pages.BUILT);
    return new Patched(push, image);
  }

  private record Patched(Workbench.Push push, Built image) {}

  private static String digest(Built built) {
    return built.image().replaceFirst(".*@", "");
  }

  /// That, and the next push is a change of one file again.
  private Patched builtOnce(Map<String, String> settings) throws Exception {
    built(settings);
    return patched(settings);
  }

  private static void isOfAWholeBuild(Patched patched) throws Exception {
    assertThat(digest(patched.image())).isEqualTo(digest(patched.push().ofNewStack().build()));
  }

  @Test
  void a_setting_that_buildpacks_see() throws Exception {
    builtOnce(Map.of("BP_WORD", "red"));
    builtOnce(NONE);
    isOfAWholeBuild(patched(Map.of("WORD", "no build sees it")));
  }

  @Test
  void a_base_image() throws Exception {
    bench.on(Workbench.Stand.OTHER_RUN);
    builtOnce(NONE);
    bench.on(Workbench.Stand.OTHER_BUILD);
    isOfAWholeBuild(builtOnce(NONE));
  }

  @Test
  void a_buildpack_of_another_version() throws Exception {
    host.put(REFERENCE, Pages.buildpack("2", "words.txt"));
    builtOnce(NONE);
  }

  @Test
  void a_builder_that_was_started_again() throws Exception {
    bench.restart();
    builtOnce(NONE);
  }

  @Test
  void a_file_that_a_pattern_names() throws Exception {
    write("words.txt", "two\n");
    builtOnce(NONE);
    write("conf/a.toml", "a = 2\n");
    builtOnce(NONE);
    write("app.py", "web = 2\nmore = 1\n");
    builtOnce(NONE);
  }

  @Test
  void but_not_its_neighbour_nor_another_line_of_it() throws Exception {
    write("pages/index.html", "as it is");
    write("conf/a.md", "# b\n");
    write("app.py", "web = 1\nmore = 2\n");
    var push = bench.push(stack, app, "", NONE, host.url(REFERENCE));
    isOfAWholeBuild(patched(push, "3 files"));
  }

  @Test
  void another_folder_of_the_repository() throws Exception {
    var top = Files.createTempDirectory(folder, "top");
    FolderSources.copy(app, Files.createDirectory(top.resolve("one")).resolve("."));
    FolderSources.copy(app, Files.createDirectory(top.resolve("two")).resolve("."));
    built(bench.push(stack, top, "one", NONE, host.url(REFERENCE)));
    Files.writeString(top.resolve("two/pages/index.html"), "now");
    built(bench.push(stack, top, "two", NONE, host.url(REFERENCE)));
  }

  /// The stop comes when the last image is looked at already, and before anything is made of it.
  @Test
  void a_build_that_was_stopped_makes_nothing_of_the_last_image() throws Exception {
    var push = push(NONE);
    bench.sources.whenComparing(push::stop);
    try {
      assertThatThrownBy(push::build)
          .isInstanceOf(BuildRefused.class)
          .hasMessage("the build was stopped");
    } finally {
      bench.sources.whenComparing(() -> {});
    }
    assertThat(push.output()).doesNotContain(Pages.PATCHED).doesNotContain(Pages.BUILT);
    patched(NONE);
  }
}
