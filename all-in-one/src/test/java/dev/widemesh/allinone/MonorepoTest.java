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

/// Several stacks of one repository, each of a folder.
@ExtendWith(SharedPlatform.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class MonorepoTest {
  private final TestPlatform platform;

  MonorepoTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("STK-7")
  void each_stack_is_built_from_its_folder_and_only_when_that_changed() throws IOException {
    var app = App.create(platform, platform.environmentOf("mono"), "front");
    app.mesh("stack", "update", "--root", "sites/front").ok();
    app.mesh("stack", "create", "docs", "--root", "sites/docs", "--no-remote").ok();
    var docs = platform.remote(app.environment, "docs");
    app.write("package.json", "{\"scripts\":{\"start\":\"exit 1\"}}")
        .write("sites/front/index.html", "front one")
        .write("sites/docs/index.html", "docs one")
        .commit("one");

    assertThat(app.push().ok().err())
        .contains("The app is the folder sites/front", "Static site", "-----> Image ");
    assertThat(app.git("push", docs, "main").ok().err()).contains("-----> Image ");
    assertThat(app.answer()).isEqualTo("front one");

    app.write("sites/docs/index.html", "docs two").commit("two");

    assertThat(app.push().ok().err())
        .contains("Image unchanged (same files in sites/front, buildpacks and base image)")
        .contains("Nothing changed for the instances: they go on");
    assertThat(app.remoteHead()).isEqualTo(app.head());
    assertThat(app.git("push", docs, "main").ok().err())
        .contains("-----> Image ")
        .doesNotContain("Image unchanged");
  }

  @Test
  @Tag("STK-7")
  @Tag("DEP-6")
  void one_deployment_may_choose_another_folder_and_what_is_none_is_refused() throws IOException {
    var app = App.create(platform, platform.environmentOf("mono"), "front");
    app.write("old/index.html", "old").write("new/index.html", "new").commit("one");
    Files.createSymbolicLink(app.repository.resolve("link"), Path.of("old"));

    app.mesh("deploy", "--root", "old").ok();
    assertThat(app.answer()).isEqualTo("old");
    app.git("push", "-o", "root=new", "widemesh", "main").ok();
    assertThat(app.answer()).isEqualTo("new");

    var linked = app.mesh("deploy", "--root", "link");
    assertThat(linked.exitCode()).isEqualTo(30);
    assertThat(linked.err())
        .contains("there is no folder link in what was deployed", "mesh stack update --root DIR");
    assertThat(app.mesh("deploy", "--root", "../x").exitCode()).isEqualTo(2);
    assertThat(app.mesh("stack", "info").ok().out()).containsPattern("Root +-");
    assertThat(app.answer()).isEqualTo("new");
  }
}
