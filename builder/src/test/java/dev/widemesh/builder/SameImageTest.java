package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.lifecycle.WorkFolders;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One commit in two workshops, the second with a registry and caches of its own. What other tests
/// build for themselves as well (Node.js, Python, Ruby, PHP, Rust, Deno) they compare themselves.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
class SameImageTest {
  private static Path folder;
  private static Workshop here;
  private static Workshop there;

  @BeforeAll
  static void open() throws Exception {
    folder = Files.createTempDirectory("same");
    here = new Workshop(Files.createDirectory(folder.resolve("here")));
    here.build(here.job("first", here.checkout("static/fixture/site")));
    there = Workshop.ofItsOwn(Files.createDirectories(folder.resolve("far/away")));
  }

  @AfterAll
  static void close() throws Exception {
    try (var one = here;
        var other = there) {
      assertThat(one.platform).isNotEqualTo(other.platform);
    } finally {
      WorkFolders.delete(folder);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "static/fixture/site",
        "go/fixture/shop",
        "maven/fixture/web",
        "../bench/samples/spring-boot/app",
        "nodejs/fixture/vite",
      })
  @Tag("BLD-10")
  void what_lies_in_a_repository_is_the_same_image(String app) throws Exception {
    isTheSame(app, workshop -> workshop.checkout(app));
  }

  @Test
  @Tag("BLD-10")
  void what_gradle_makes_is_the_same_image() throws Exception {
    isTheSame("gradle", GradleTest::checkout);
  }

  private static void isTheSame(String stack, FirstBuild.Tree tree) throws Exception {
    var job = here.job(stack.replaceAll("[^a-z]+", "-").replaceFirst("^-", ""), tree.in(here));
    var one = here.build(job);
    there.sources.commit(tree.in(there), job.commit(), "");

    var other = there.build(job);

    assertThat(there.output(job)).doesNotContain("(reused)");
    assertThat(other.image()).isEqualTo(one.image());
  }
}
