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

/// Which gems an app without a lock file gets. `bundle` stands for Bundler, which [RubyTest] runs:
/// it writes that file.
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

  @Test
  @Tag("BLD-9")
  void gems_that_were_kept_without_one_are_installed_afresh() throws Exception {
    build();
    Files.delete(app.resolve("Gemfile.lock"));
    Files.delete(layers.resolve("gems/Gemfile.lock"));

    assertThat(build()).contains("Installing the dependencies", STARTS);
  }
}
