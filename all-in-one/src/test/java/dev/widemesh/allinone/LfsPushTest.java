package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// git-lfs as people have it, beside `git push`, from `git lfs track` to the answer.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
@Tag("BLD-14")
class LfsPushTest {
  private static final Path PROGRAM = TestPlatform.CACHE.resolve("git-lfs");

  private final TestPlatform platform;

  LfsPushTest(TestPlatform platform) {
    this.platform = platform;
  }

  /// This machine's, else that of Debian's package.
  private static Map<String, String> withGitLfs() throws IOException {
    if (Shell.run(Path.of("/"), Map.of(), List.of("git", "lfs", "version")).exitCode() == 0) {
      return Map.of();
    }
    if (!Files.exists(PROGRAM.resolve("usr/bin/git-lfs"))) {
      var scratch = Files.createDirectories(PROGRAM);
      var got = Shell.run(scratch, Map.of(), List.of("apt-get", "download", "git-lfs"));
      assumeTrue(got.exitCode() == 0, "there is no git-lfs, and no package of it: " + got.all());
      try (var packages = Files.newDirectoryStream(scratch, "*.deb")) {
        for (var each : packages) {
          var argv = List.of("dpkg-deb", "-x", each.toString(), scratch.toString());
          Shell.run(scratch, Map.of(), argv).ok();
        }
      }
    }
    return Map.of("PATH", PROGRAM.resolve("usr/bin") + ":" + System.getenv("PATH"));
  }

  private Shell.Result git(Path where, String... words) throws IOException {
    var argv = new ArrayList<>(List.of("git"));
    argv.addAll(List.of(words));
    var environment = new HashMap<>(platform.environment());
    environment.putAll(withGitLfs());
    environment.put("HOME", platform.folder.toString());
    return Shell.run(where, environment, argv);
  }

  @Test
  void the_app_answers_with_the_file_and_a_clone_has_it() throws IOException {
    var app = App.create(platform, platform.environmentOf("lfs"), "site").site("mine\n");
    git(app.repository, "lfs", "install", "--local").ok();
    git(app.repository, "lfs", "track", "*.bin").ok();
    for (var i = 0; i < 12; i++) {
      app.write("data/" + i + ".bin", "the content of " + i + "\n".repeat(2_000));
    }
    git(app.repository, "add", "-A").ok();
    git(app.repository, "commit", "-q", "-m", "with LFS").ok();
    assertThat(git(app.repository, "show", "HEAD:data/7.bin").ok().out()).startsWith("version ");

    git(app.repository, "push", "widemesh", "main").ok();

    assertThat(app.answer("/data/7.bin")).isEqualTo("the content of 7" + "\n".repeat(2_000));
    assertThat(app.answer("/data/11.bin")).startsWith("the content of 11\n");
    app.write("data/7.bin", "another\n");
    git(app.repository, "commit", "-q", "-am", "another content").ok();
    git(app.repository, "push", "widemesh", "main").ok();
    assertThat(app.answer("/data/7.bin")).isEqualTo("another\n");

    var clone = platform.folder.resolve("lfs-clone");
    var url = git(app.repository, "remote", "get-url", "widemesh").ok().out().strip();
    git(platform.folder, "clone", "-q", url, clone.toString()).ok();
    git(clone, "lfs", "install", "--local").ok();
    git(clone, "lfs", "pull").ok();
    assertThat(clone.resolve("data/7.bin")).hasContent("another\n");

    app.write("data/7.bin", "kept back\n");
    git(app.repository, "commit", "-q", "-am", "without its content").ok();
    var refused = git(app.repository, "push", "--no-verify", "widemesh", "main");
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.err())
        .contains("data/7.bin is a file of git LFS whose content is not here")
        .contains("git lfs push --all widemesh");
    assertThat(app.answer("/data/7.bin")).isEqualTo("another\n");

    git(app.repository, "lfs", "push", "--all", "widemesh").ok();
    git(app.repository, "push", "--no-verify", "widemesh", "main").ok();
    assertThat(app.answer("/data/7.bin")).isEqualTo("kept back\n");

    var nowhere = git(app.repository, "lfs", "push", url.replace("/site", "/nowhere"), "main");
    assertThat(nowhere.exitCode()).isNotZero();
    assertThat(nowhere.all()).contains("nowhere").doesNotContain("git-lfs 3.0");
  }
}
