package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A buildpack of the app's own repository together with one of ours, from the command to the
/// answer.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
@Tag("BLD-2")
@Tag("BLD-3")
class OwnBuildpackTest {
  private final TestPlatform platform;

  OwnBuildpackTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  void a_stack_is_built_with_what_it_names_and_says_so() throws IOException {
    var app = App.create(platform, platform.environmentOf("own"), "site");
    app.write("buildpacks/greet/buildpack.toml", TOML);
    program(app, "buildpacks/greet/bin/detect", "exit 0");
    program(app, "buildpacks/greet/bin/build", "echo 'greeted by mine' >index.html");
    app.write("index.html", "plain\n").commit("a site");
    app.push().ok();
    assertThat(app.answer()).isEqualTo("plain\n");

    var set = app.mesh("stack", "buildpacks", "set", "./buildpacks/greet", "widemesh/static").ok();
    assertThat(set.err()).contains("From the next push on.");
    var pushed = app.commit("the same files").push().ok();

    assertThat(pushed.err()).contains("Buildpack me/greet 1.0, from ./buildpacks/greet (sha256:");
    assertThat(app.answer()).isEqualTo("greeted by mine\n");
    assertThat(app.mesh("stack", "buildpacks", "ls").ok().out())
        .containsPattern("\\./buildpacks/greet +me/greet 1\\.0 +- +sha256:[0-9a-f]{64}")
        .containsPattern("widemesh/static +widemesh/static");
    assertThat(app.commit("nothing new").push().ok().err()).contains("nothing built");

    app.mesh("buildpacks", "add", "./buildpacks/absent").ok();
    var refused = app.commit("one that is not there").push();
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.err()).contains("the repository has no folder ./buildpacks/absent");
    app.mesh("buildpacks", "set", "--none").ok();
    app.commit("ours again").push().ok();
    assertThat(app.answer()).isEqualTo("plain\n");
  }

  private static final String TOML =
      """
      api = "0.10"
      [buildpack]
      id = "me/greet"
      version = "1.0"
      """;

  private static void program(App app, String name, String line) throws IOException {
    app.write(name, "#!/usr/bin/env bash\nset -eu\n" + line + "\n");
    java.nio.file.Files.setPosixFilePermissions(
        app.repository.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
