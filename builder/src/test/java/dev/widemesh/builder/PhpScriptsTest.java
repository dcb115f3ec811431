package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where the packages of a PHP app are found, and how it is served. `php` stands for Composer, which
/// [PhpTest] runs: it writes what loads the packages.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PhpScriptsTest {
  private static final Path BUILDPACK = Workshop.BUILDPACKS.resolve("php");

  @TempDir Path app;
  @TempDir Path layers;

  private void write(String file, String text) throws Exception {
    var path = app.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private String build(String... settings) throws Exception {
    return Bash.run(
        app,
        """
        export CNB_BUILDPACK_DIR='%s' %s
        layers='%s' php=8.4 scratch=$(mktemp -d)
        trap 'rm -rf "$scratch"' EXIT
        for part in say layer manifest explain composer server; do . "$CNB_BUILDPACK_DIR/lib/$part.sh"; done
        provide_composer() { export COMPOSER_VENDOR_DIR=$layers/vendor; }
        php() {
          mkdir -p "$COMPOSER_VENDOR_DIR/bin"
          echo loaded >"$COMPOSER_VENDOR_DIR/autoload.php"
          echo "composer ${*:6} in ${APP_ENV-no} environment"
        }
        (read_manifest; provide_dependencies; choose_root; declare_process) || true
        """
            .formatted(BUILDPACK, String.join(" ", settings), layers));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                             | vendor
          {"vendor-dir": "lib/vendor"}   | lib/vendor
          {"vendor-dir": "./kept/"}      | kept
          """)
  @Tag("BLD-1")
  void packages_are_where_composer_json_says(String config, String vendor) throws Exception {
    write("index.php", "");
    write("composer.json", "{\"require\": {\"psr/log\": \"*\"}, \"config\": %s}".formatted(config));

    build();

    assertThat(app.resolve(vendor).resolve("autoload.php")).hasContent("loaded");
    assertThat(Files.readString(layers.resolve("server/nginx.conf")))
        .contains("location ~ ^/(%s/|Procfile$|".formatted(vendor));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/tmp/vendor", "../vendor", "lib/../..", ".", "./", "a//b", "$HOME"})
  @Tag("DEP-12")
  void packages_outside_of_the_repository_are_refused(String vendor) throws Exception {
    write("index.php", "");
    write(
        "composer.json",
        "{\"require\": {\"psr/log\": \"*\"}, \"config\": {\"vendor-dir\": \"%s\"}}"
            .formatted(vendor));

    assertThat(build()).contains("(config.vendor-dir in composer.json)", " !     Try: ");
    assertThat(app.resolve("index.php")).exists();
  }
}
