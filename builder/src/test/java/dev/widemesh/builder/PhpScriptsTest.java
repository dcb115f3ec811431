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

/// Where the packages of a PHP app are found, and how it is served. `php` stands for Composer,
/// which [PhpTest] runs: it writes what loads the packages.
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
        type() { printf '%%s' "${NODE-}"; }
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          heroku-php-apache2 public/            | server/bin/heroku-php-apache2 | /public
          exec heroku-php-nginx "public"        | server/bin/heroku-php-nginx   | /public
          heroku-php-apache2                    | server/bin/heroku-php-apache2 | /
          vendor/bin/heroku-php-nginx public/   | vendor/bin/heroku-php-nginx   | /public
          vendor/bin/heroku-php-apache2 public/ | vendor/bin/heroku-php-apache2 | /public
          """)
  @Tag("BLD-1")
  void herokus_servers_are_ours_by_their_names(String line, String program, String root)
      throws Exception {
    write("composer.json", "{\"require\": {\"psr/log\": \"*\"}}");
    write("public/index.php", "");
    write("public/.htaccess", "");
    write("Procfile", "web: " + line + "\n");

    var said = build();

    assertThat(said).contains("is nginx and PHP-FPM here");
    assertThat(said.contains(".htaccess is not read"))
        .isEqualTo(line.contains("apache2") && root.equals("/public"));
    assertThat(layers.resolve(program).toRealPath())
        .isEqualTo(layers.resolve("server/bin/serve-php").toRealPath())
        .isExecutable();
    assertThat(Files.readString(layers.resolve("server/nginx.conf")))
        .contains("root \"%s\";".formatted(app.toRealPath() + root));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          heroku-php-apache2 -C apache.conf public/ | heroku-php-apache2 in the Procfile has the option -C, which is not known here
          heroku-php-nginx web/                     | 'web' is not a folder of this repository (heroku-php-nginx in the Procfile)
          /app/bin/heroku-php-nginx public/         | '/app/bin/heroku-php-nginx' in the Procfile is not in this repository
          """)
  @Tag("DEP-12")
  void what_ours_cannot_do_for_them_is_refused(String line, String cause) throws Exception {
    write("public/index.php", "");
    write("Procfile", "web: " + line + "\n");

    assertThat(build()).contains(" !     " + cause, " !     Try: ");
  }

  @Test
  @Tag("BLD-1")
  void a_package_json_that_nobody_built_is_named_with_who_builds_it() throws Exception {
    write("index.php", "");
    write("package.json", "{}");

    assertThat(build()).contains("mesh stack buildpacks set widemesh/nodejs widemesh/php");
    assertThat(build("NODE=/bin/node")).doesNotContain("package.json");
  }

  @Test
  @Tag("BLD-1")
  void symfony_is_built_and_run_for_production_and_the_script_compile_comes_last()
      throws Exception {
    write("public/index.php", "");
    write(
        "composer.json",
        """
        {"require": {"symfony/framework-bundle": "^7"}, "scripts": {"compile": "bin/console x"}}
        """);
    var environment = layers.resolve("vendor/env.launch/APP_ENV.default");

    assertThat(build())
        .containsSubsequence(
            "composer install --no-progress --no-dev",
            "in prod environment",
            "composer run-script --no-dev compile",
            "in prod environment");
    assertThat(environment).hasContent("prod");

    Files.delete(app.resolve("vendor"));
    assertThat(build("BP_APP_ENV=staging"))
        .contains("Dependencies unchanged (reused)", "in staging environment");
    assertThat(environment).hasContent("staging");

    Files.delete(app.resolve("vendor"));
    write("composer.json", "{\"require\": {\"psr/log\": \"*\"}}");
    assertThat(build()).contains("in no environment").doesNotContain("run-script");
    assertThat(environment).doesNotExist();
  }
}
