package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedPlatform.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class DeployedFolderTest {
  private final TestPlatform platform;

  DeployedFolderTest(TestPlatform platform) {
    this.platform = platform;
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  @Tag("DEP-6")
  void a_folder_without_git_is_deployed_but_for_what_it_ignores() throws IOException {
    var app = App.create(platform, platform.environmentOf("folder"), "site");
    var folder = platform.folder.resolve("plain-" + app.environment);
    write(folder.resolve("index.html"), "hello from a folder");
    write(folder.resolve("notes.txt"), "private");
    write(folder.resolve("draft.html"), "draft");
    write(folder.resolve(".gitignore"), "notes.txt\n");
    write(folder.resolve(".meshignore"), "draft.html\n");

    var first = app.mesh("deploy", folder.toString()).ok();

    assertThat(first.out()).contains("-----> Live: v0 at http://");
    assertThat(app.answer()).isEqualTo("hello from a folder");
    assertThat(app.answer("/notes.txt")).doesNotContain("private");
    assertThat(app.answer("/draft.html")).isNotEqualTo("draft");
    assertThat(app.remoteHead()).isEmpty();

    var same = app.mesh("deploy", folder.toString(), "--json").ok();

    assertThat(same.err()).contains("Image unchanged");
    assertThat(same.out().replaceAll("\\s", ""))
        .startsWith("{")
        .contains("\"version\":1", "\"state\":\"live\"", "\"cause\":\"upload\"");
  }

  @Test
  @Tag("DEP-6")
  void a_push_goes_on_from_the_last_push_whatever_was_deployed_between() throws IOException {
    var app = App.create(platform, platform.environmentOf("folder"), "site");
    app.write("index.html", "one").commit("one");
    app.push().ok();
    var pushed = app.head();
    app.write("index.html", "not committed");

    app.mesh("deploy").ok();

    assertThat(app.answer()).isEqualTo("not committed");
    assertThat(app.head()).isEqualTo(pushed);
    assertThat(app.remoteHead()).isEqualTo(pushed);
    assertThat(app.git("status", "--porcelain").out()).isEqualTo(" M index.html\n");
    assertThat(app.deployments()).contains("\"message\":\"%s-site(main".formatted(app.environment));

    app.write("index.html", "two").commit("two");
    app.push().ok();

    assertThat(app.answer()).isEqualTo("two");
    assertThat(app.remoteHead()).isEqualTo(app.head());

    app.mesh("rollback", "v1").ok();

    assertThat(app.answer()).isEqualTo("not committed");
    assertThat(app.remoteHead()).isEqualTo(app.head());

    app.mesh("deploy", "--commit", "HEAD~1").ok();

    assertThat(app.answer()).isEqualTo("one");
    assertThat(app.mesh("deployments", "show", "--json").ok().out()).contains(pushed, "\"upload\"");
    assertThat(app.remoteHead()).isEqualTo(app.head());
  }

  @Test
  @Tag("DEP-6")
  void an_image_of_no_public_registry_is_refused_and_nothing_changes() throws IOException {
    var app = App.create(platform, platform.environmentOf("image"), "site");
    var inside = "127.0.0.1:" + TestPlatform.freePort() + "/team/site:1";

    var refused = app.mesh("deploy", "--image", inside);

    assertThat(refused.exitCode()).isEqualTo(30);
    assertThat(refused.err())
        .contains("v0 failed: the image " + inside + " is in no public registry")
        .contains("WIDEMESH_REGISTRIES");
    assertThat(app.mesh("deployments", "ls").out()).contains("image").contains(inside);
    assertThat(app.mesh("stack", "info").ok().out()).containsPattern("Formula +auto");
    assertThat(app.mesh("deploy", "--image", "https://x/y").exitCode()).isEqualTo(2);
  }

  @Test
  @Tag("DEP-6")
  void what_cannot_be_built_fails_with_the_exit_code_of_its_stage() throws IOException {
    var app = App.create(platform, platform.environmentOf("folder"), "site");
    app.write("notes.txt", "nothing to run");

    var failed = app.mesh("deploy");

    assertThat(failed.exitCode()).isEqualTo(30);
    assertThat(failed.err()).contains("mesh: v0 failed: ").contains("  try: ");
    var missing = app.mesh("deploy", "--stack", "other");
    assertThat(missing.exitCode()).isEqualTo(50);
    assertThat(missing.err()).contains("no stack 'other'");
  }
}
