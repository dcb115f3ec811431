package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An app with a submodule that git's own server has, from `git submodule add` to the answer.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-14")
class SubmodulePushTest {
  @TempDir private static Path folder;
  private static OwnGitHost host;
  private static TestPlatform platform;
  private static Path lib;

  @BeforeAll
  static void start() throws Exception {
    host = OwnGitHost.start(folder);
    platform =
        TestPlatform.startWith(
            Map.of(
                "WIDEMESH_BUILDPACK_HOSTS", host.name(),
                "WIDEMESH_CA_BUNDLE", host.certificate().toString()));
    lib = Files.createDirectory(folder.resolve("lib"));
    git(lib, "init", "-q", "-b", "main");
    git(folder, "init", "-q", "-b", "main", "--bare", "lib.git");
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
    host.close();
  }

  private static String git(Path where, String... words) {
    var argv = new ArrayList<>(List.of("git"));
    argv.addAll(List.of(words));
    var environment = new HashMap<>(platform.environment());
    environment.put("GIT_SSL_CAINFO", host.certificate().toString());
    return Shell.run(where, environment, argv).ok().out();
  }

  private static void publish(String text) throws IOException {
    Files.writeString(lib.resolve("page.html"), text);
    git(lib, "add", "-A");
    git(lib, "commit", "-q", "-m", text.strip());
    git(lib, "push", "-q", folder.resolve("lib.git").toString(), "main");
  }

  @Test
  void the_app_answers_with_what_the_submodule_had_at_the_recorded_commit() throws Exception {
    publish("the first\n");
    var app = App.create(platform, platform.environmentOf("sub"), "site");
    app.site("mine\n");
    git(app.repository, "submodule", "add", "-q", host.url("lib.git"), "lib");
    app.commit("with a submodule");
    publish("a later one\n");

    var pushed = app.push().ok();

    assertThat(pushed.err()).contains("Fetched the submodule lib (" + host.url("lib.git"));
    assertThat(app.answer("/lib/page.html")).isEqualTo("the first\n");

    var asked = host.asked().get();
    app.write("Procfile", "web: serve-site\n# again\n").commit("another build").push().ok();
    assertThat(host.asked()).hasValue(asked);
    assertThat(app.answer("/lib/page.html")).isEqualTo("the first\n");

    git(app.repository.resolve("lib"), "pull", "-q", "origin", "main");
    app.commit("the later one").push().ok();
    assertThat(app.answer("/lib/page.html")).isEqualTo("a later one\n");

    git(app.repository.resolve("lib"), "commit", "-q", "--allow-empty", "-m", "not pushed");
    var refused = app.commit("what nobody has").push();
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.err())
        .contains("the submodule lib: git cannot read " + host.url("lib.git"))
        .contains("push that commit there");

    for (var no : List.of("tree HEAD^{tree}", "blob HEAD:page.html")) {
      var id = git(app.repository.resolve("lib"), "rev-parse", no.substring(5)).strip();
      git(app.repository, "update-index", "--cacheinfo", "160000," + id + ",lib");
      git(app.repository, "commit", "-q", "-m", "no commit");
      assertThat(app.push().err())
          .contains(
              "the submodule lib: %s has no commit %.7s: that is a %s there"
                  .formatted(host.url("lib.git"), id, no.substring(0, 4)))
          .contains("check out a commit in the submodule");
    }
    assertThat(app.answer("/lib/page.html")).isEqualTo("a later one\n");

    git(app.repository, "config", "-f", ".gitmodules", "submodule.lib.update", "none");
    assertThat(app.commit("without it").push().ok().err())
        .contains("Left out, as .gitmodules says (update = none): lib");
    assertThat(app.answer()).isEqualTo("mine\n");
  }
}
