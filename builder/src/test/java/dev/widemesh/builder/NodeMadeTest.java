package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A Node.js app whose build script writes into its dependencies, one of which reads a file of the
/// app when it is installed.
@DisplayNameGeneration(ReplaceUnderscores.class)
class NodeMadeTest {
  private static final String STACK = "made";
  private static final String FIXTURE = "nodejs/fixture/made";
  private static final String LAUNCHER = "/cnb/lifecycle/launcher";

  @RegisterExtension static final FirstBuild FIRST = new FirstBuild(STACK, FIXTURE);

  @Test
  @Tag("BLD-1")
  @Tag("BLD-9")
  void what_scripts_made_in_the_dependencies_is_in_the_image_as_the_files_are_that_they_read(
      Workshop workshop, Job first, Built built) throws Exception {
    assertThat(workshop.output(first))
        .contains("none of an earlier build are here", "cache: false")
        .contains("In the image, too: what the build script made in node_modules (.client, ")
        .containsPattern("CI: undefined, NODE_OPTIONS: --max-old-space-size=14\\d\\d\n");
    answers(built, "hello", "from an installation", "from a build", workshop);

    var checkout = workshop.checkout(FIXTURE);
    Workshop.replace(checkout.resolve("server.js"), "hello from", "bye from");
    var second = workshop.job(STACK, checkout, Optional.of(built));
    var changed = workshop.build(second);

    assertThat(workshop.output(second))
        .contains("Dependencies unchanged (reused)", "as these are what they were: Node.js, npm, ")
        .contains("cache: true", "Layers reused: modules, node")
        .containsPattern("Moved \\d+ (kB|B) in [12] of 4 layers");
    answers(changed, "bye", "from an installation", "from a build", workshop);

    var third = workshop.job(STACK, otherFiles(workshop), Optional.of(changed));
    var other = workshop.build(third);
    assertThat(workshop.output(third))
        .contains("changed since the last time: words.txt (read by scripts of theirs)\n");
    answers(other, "hello", "of another day", "of a new schema", workshop);
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-10")
  void the_same_commit_is_the_same_image_whatever_was_built_before(Workshop workshop)
      throws Exception {
    workshop.build(workshop.job("same", workshop.checkout(FIXTURE)));
    var job = workshop.job("same", otherFiles(workshop));
    var built = workshop.build(job);
    var folder = Files.createTempDirectory("elsewhere");
    try (var other = new Workshop(folder)) {
      other.sources.commit(otherFiles(other), job.commit(), "");

      assertThat(other.build(job).image()).isEqualTo(built.image());
    } finally {
      WorkFolders.delete(folder);
    }
  }

  private static Path otherFiles(Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.writeString(checkout.resolve("words.txt"), "of another day\n");
    Files.writeString(checkout.resolve("schema.txt"), "of a new schema\n");
    return checkout;
  }

  /// Nothing of what is left out: a cache, a removed file, a development dependency.
  private static void answers(
      Built built, String greeting, String installed, String made, Workshop workshop)
      throws Exception {
    try (var app = workshop.run(built)) {
      assertThat(app.exec(LAUNCHER, "sh", "-c", "command -v simple-git-hooks; echo $APP_ROOT_PATH"))
          .isEqualTo("/workspace/node_modules/.bin/simple-git-hooks\n/workspace");
      assertThat(app.get("/").body())
          .isEqualTo(
              """
              {"greeting":"%s from what was made","installed":"%s","built":"%s","patched":true,"others":[]}
              """
                  .formatted(greeting, installed, made));
    }
  }
}
