package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A buildpack in a git repository of somebody else, from the command to the answer.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
@Tag("nightly")
class GitBuildpackTest {
  private static final Path USUAL = Path.of("/etc/ssl/certs/ca-certificates.crt");
  private static final String TOML = "api = \"0.10\"\n[buildpack]\nid = \"me/greet\"\n";
  private static final String REPOSITORY = "it.git";

  @TempDir Path folder;

  @Test
  void a_stack_is_built_with_a_tag_of_it_and_with_what_a_branch_moved_to() throws Exception {
    try (var host = OwnGitHost.start(folder);
        var platform = TestPlatform.startWith(variables(host))) {
      git(folder, "init", "-q", "--bare", "-b", "main", REPOSITORY);
      var url = host.url(REPOSITORY);
      var one = publish("one", "v1");
      var app = App.create(platform, platform.environmentOf("git"), "site");
      app.write("index.html", "plain\n").commit("a site");

      app.mesh("stack", "buildpacks", "set", url + "#v1", "widemesh/static").ok();
      assertThat(app.push().ok().err())
          .contains("Buildpack me/greet one, from " + url + "#v1 (commit " + start(one));
      assertThat(app.answer()).isEqualTo("greeted by one\n");
      assertThat(live(app)).isEqualTo(one);

      var two = publish("two", "v2");
      assertThat(app.commit("of the tag").push().ok().err()).contains("nothing built");
      assertThat(live(app)).isEqualTo(one);
      app.mesh("stack", "buildpacks", "set", url, "widemesh/static").ok();
      assertThat(app.commit("of the branch").push().ok().err()).contains("me/greet two");
      assertThat(app.answer()).isEqualTo("greeted by two\n");
      assertThat(live(app)).isEqualTo(two);

      var three = publish("three", "v3");
      assertThat(app.commit("it moved").push().ok().err()).contains("me/greet three");
      assertThat(app.answer()).isEqualTo("greeted by three\n");
      assertThat(live(app)).isEqualTo(three);
    }
  }

  private Map<String, String> variables(OwnGitHost host) throws IOException {
    var trusted = folder.resolve("trusted.pem");
    var usual = Files.exists(USUAL) ? Files.readString(USUAL) : "";
    Files.writeString(trusted, usual + Files.readString(host.certificate()));
    return Map.of("WIDEMESH_BUILDPACK_HOSTS", host.name(), "WIDEMESH_CA_BUNDLE", "" + trusted);
  }

  /// As much of a commit as people are shown.
  private static String start(String commit) {
    return commit.substring(0, 8);
  }

  /// The commit of the buildpack that the live deployment was built with.
  private static String live(App app) throws IOException {
    var listed = app.mesh("stack", "buildpacks", "ls", "--json").ok().out();
    return Json.MAPPER.readTree(listed).at("/live/0/commit").asText();
  }

  /// Its next version, at the branch and at that tag. Answers the commit.
  private String publish(String version, String tag) throws IOException {
    var checkout = Files.createDirectories(folder.resolve("checkout"));
    git(checkout, "init", "-q", "-b", "main");
    Files.writeString(checkout.resolve("buildpack.toml"), TOML + "version = \"" + version + "\"\n");
    program(checkout, "bin/detect", "exit 0");
    program(checkout, "bin/build", "echo 'greeted by " + version + "' >index.html");
    git(checkout, "add", "-A");
    git(checkout, "commit", "-q", "-m", version);
    git(checkout, "tag", tag);
    git(checkout, "push", "-q", folder.resolve(REPOSITORY).toString(), "main", tag);
    return git(checkout, "rev-parse", "HEAD").strip();
  }

  private static void program(Path folder, String name, String line) throws IOException {
    var file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/usr/bin/env bash\nset -eu\n" + line + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String git(Path folder, String... words) {
    var argv =
        new ArrayList<>(List.of("git", "-c", "user.name=me", "-c", "user.email=me@localhost"));
    argv.addAll(List.of(words));
    return Shell.run(folder, Map.of(), argv).ok().out();
  }
}
