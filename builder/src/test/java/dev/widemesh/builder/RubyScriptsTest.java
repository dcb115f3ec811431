package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which gems an app without a lock file gets, and what stops its assets. `bundle` stands for
/// Bundler, which [RubyTest] runs: it writes that file.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RubyScriptsTest {
  private static final String STARTS = "Start: bundle exec puma";

  @TempDir Path app;
  @TempDir Path layers;

  @BeforeEach
  void fill() throws Exception {
    Files.writeString(app.resolve("Gemfile"), "gem \"puma\"\n");
    Files.writeString(app.resolve("config.ru"), "");
    Files.writeString(layers.resolve("ruby.toml"), "");
  }

  private String build() throws Exception {
    return Bash.run(
        app,
        """
        layers='%s' scratch=$(mktemp -d)
        trap 'rm -rf "$scratch"' EXIT
        for part in say layer explain gems start; do . '%s/lib/'$part.sh; done
        bundle() { printf 'GEM\\n  specs:\\n    puma (6.6.0)\\n' >Gemfile.lock; }
        (provide_gems; declare_process) || true
        """
            .formatted(layers, Workshop.BUILDPACKS.resolve("ruby")));
  }

  @Test
  @Tag("BLD-9")
  void the_lock_file_of_the_build_before_comes_back_with_its_gems() throws Exception {
    assertThat(build()).contains("Installing the dependencies", STARTS);
    var lock = Files.readString(app.resolve("Gemfile.lock"));
    Files.delete(app.resolve("Gemfile.lock"));

    assertThat(build()).contains("Dependencies unchanged (reused)", STARTS);
    assertThat(app.resolve("Gemfile.lock")).hasContent(lock);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          sh: 1: yarn: not found                                         | rake assets:precompile needs Node.js
          Errno::ENOENT: No such file or directory - node                | rake assets:precompile needs Node.js
          cssbundling-rails: Command failed, ensure yarn is installed    | rake assets:precompile needs Node.js
          NameError: undefined local variable                            | rake assets:precompile failed with exit code 1
          """)
  @Tag("DEP-12")
  void assets_that_need_node_are_named_with_who_brings_it(String line, String cause)
      throws Exception {
    Files.writeString(app.resolve("package.json"), "{}");
    Files.writeString(layers.resolve("bundle.log"), "rake aborted!\n" + line + "\n");

    var said =
        Bash.run(
            app,
            "scratch='%s'; for part in say explain; do . '%s/lib/'$part.sh; done; (explain_bundle exec 1) || true"
                .formatted(layers, Workshop.BUILDPACKS.resolve("ruby")));

    assertThat(said).contains(" !     " + cause, " !     Try: ");
  }

  @Test
  @Tag("BLD-9")
  void gems_that_were_kept_without_one_are_installed_afresh() throws Exception {
    build();
    Files.delete(app.resolve("Gemfile.lock"));
    Files.delete(layers.resolve("gems/Gemfile.lock"));

    assertThat(build()).contains("Installing the dependencies", STARTS);
  }
}
