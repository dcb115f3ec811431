package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.ProcessType;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// PHP apps with a front controller.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PhpTest {
  private static final String STACK = "php";
  private static final String FIXTURE = "php/fixture/shop";
  private static final String PACKAGIST = "repo.packagist.org";
  private static final String ANSWERS = "src/Answers.php";

  /// Which Composer runs where there is no lock file.
  private static final String SCRIPTS_OF_AN_UPDATE = "before\nlib/vendor/autoload.php\nafter\n";

  /// One request at a time, on another port.
  private static final String ALONE =
      """
      WEB_CONCURRENCY=1 PORT=8081 serve-php >/dev/null 2>&1 & server=$!
      for ((tries = 0; tries < 200; tries++)); do
        php -r '$got = @file_get_contents("http://127.0.0.1:8081/price"); echo $got; exit($got === false ? 1 : 0);' && break
        kill -0 $server || break
        sleep 0.05
      done
      kill $server
      """;

  @RegisterExtension static final FirstBuild FIRST = new FirstBuild(STACK, FIXTURE);

  @Test
  @Tag("BLD-1")
  @Tag("BLD-9")
  void an_app_answers_and_a_changed_line_moves_only_its_own_files(Workshop workshop, Built built)
      throws Exception {
    assertThat(built.processes())
        .containsExactly(new ProcessType("web", null, List.of("serve-php")));
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).isEqualTo("hello from php\n");
      assertThat(app.get("/price").body()).isEqualTo("42");
      assertThat(app.get("/environment?page=2").body())
          .contains("\"php\":\"8.4\"", "\"sapi\":\"fpm-fcgi\"", "\"opcache\":true")
          .contains("\"query\":{\"page\":\"2\"}");
      var css = app.get("/shop.css");
      assertThat(css.body()).isEqualTo("h1 { color: teal }\n");
      assertThat(css.headers().firstValue("content-type")).hasValue("text/css");
      assertThat(app.get("/.env").statusCode()).isEqualTo(404);
      assertThat(app.exec("ls", "/layers/widemesh_php")).isEqualTo("php\nserver\nvendor");
      assertThat(app.exec(built.entrypoint().getFirst(), "/bin/bash", "-c", ALONE)).isEqualTo("42");
    }

    var checkout = workshop.checkout(FIXTURE);
    Workshop.replace(checkout.resolve("public/shop.css"), "teal", "navy");
    Files.createDirectory(checkout.resolve("public/vendor"));
    Files.writeString(checkout.resolve("public/vendor/kit.css"), "published");
    var second = workshop.job(STACK, checkout, Optional.of(built));
    try (var app = workshop.run(workshop.build(second))) {
      assertThat(app.get("/shop.css").body()).isEqualTo("h1 { color: navy }\n");
      assertThat(app.get("/vendor/kit.css").body()).isEqualTo("published");
    }
    assertThat(workshop.output(second))
        .containsPattern("PHP 8\\.4\\.\\d+ \\(reused\\)")
        .containsPattern("Moved \\d+ (kB|B) in [12] of 5 layers");
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-10")
  void the_same_commit_is_the_same_image_wherever_it_is_built(Built built) throws Exception {
    assertThat(FIRST.elsewhere().image()).isEqualTo(built.image());
  }

  /// And a class of the app's own that came with it is found, and the same scripts run, though the
  /// dependencies stay.
  @Test
  @Tag("nightly")
  @Tag("BLD-9")
  void dependencies_that_are_no_folders_of_the_app_stay(Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.delete(checkout.resolve("composer.lock"));
    Files.writeString(
        checkout.resolve("composer.json"),
        """
        {"name": "fixture/own", "config": {"vendor-dir": "lib/vendor"}, "autoload": {"psr-4": {"Shop\\\\": "src/"}},
         "scripts": {"post-autoload-dump": "echo made > public/made.txt",
                     "pre-update-cmd": "echo before > public/scripts.txt",
                     "post-update-cmd": ["@more", "echo after >> public/scripts.txt"],
                     "more": "ls lib/vendor/autoload.php >> public/scripts.txt",
                     "compile": "echo compiled > public/compiled.txt",
                     "pre-install-cmd": "false",
                     "post-install-cmd": "false"}}
        """);
    Files.writeString(
        checkout.resolve("Procfile"), "web: lib/vendor/bin/heroku-php-nginx public/\n");
    Workshop.replace(checkout.resolve("public/index.php"), "/../vendor/", "/../lib/vendor/");
    Workshop.replace(checkout.resolve(ANSWERS), "use Prices\\Price;", "");
    Workshop.replace(checkout.resolve(ANSWERS), "Price::doubled(21)", "Kit::one()");
    Files.writeString(
        checkout.resolve("src/Kit.php"),
        "<?php\nnamespace Shop;\nfinal class Kit { static function one() { return 1; } }\n");
    var once = workshop.build(workshop.job("own-classes", checkout));
    try (var app = workshop.run(once)) {
      assertThat(app.get("/scripts.txt").body()).isEqualTo(SCRIPTS_OF_AN_UPDATE);
    }

    Workshop.replace(checkout.resolve(ANSWERS), "Kit::one()", "More::two()");
    Files.writeString(
        checkout.resolve("src/More.php"),
        "<?php\nnamespace Shop;\nfinal class More { static function two() { return 2; } }\n");
    var job = workshop.job("own-classes", checkout, Optional.of(once));
    try (var app = workshop.run(workshop.build(job))) {
      assertThat(app.get("/price").body()).isEqualTo("2");
      assertThat(app.get("/made.txt").body()).isEqualTo("made\n");
      assertThat(app.get("/compiled.txt").body()).isEqualTo("compiled\n");
      assertThat(app.get("/scripts.txt").body()).isEqualTo(SCRIPTS_OF_AN_UPDATE);
    }
    assertThat(workshop.output(job)).contains("Dependencies unchanged (reused)");

    Files.writeString(checkout.resolve("kit.patch"), "");
    var patched = workshop.job("own-classes", checkout, Optional.of(once));
    workshop.build(patched);
    assertThat(workshop.output(patched)).contains("Installing the dependencies");
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void a_folder_of_scripts_needs_no_composer(Workshop workshop) throws Exception {
    var checkout = workshop.empty();
    Files.writeString(
        checkout.resolve("index.php"), "<?php echo 'plain ', $_SERVER['REQUEST_URI'];");
    Files.writeString(checkout.resolve("about.php"), "<?php echo 'about ', $_SERVER['PATH_INFO'];");
    Files.createDirectory(checkout.resolve("docs"));
    Files.createDirectory(checkout.resolve("vendor"));
    Files.writeString(checkout.resolve("vendor/kit.css"), "hidden");
    Files.writeString(checkout.resolve("docs/index.php"), "<?php echo 'docs';");
    var job = workshop.job("scripts", checkout);

    try (var app = workshop.run(workshop.build(job))) {
      assertThat(app.get("/nothing?a=b").body()).isEqualTo("plain /nothing?a=b");
      assertThat(app.get("/about.php/us").body()).isEqualTo("about /us");
      assertThat(app.get("/docs/").body()).isEqualTo("docs");
      assertThat(app.get("/vendor/kit.css").statusCode()).isEqualTo(404);
    }
    assertThat(workshop.output(job))
        .contains("from the top folder (index.php")
        .doesNotContain("omposer 2");
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void a_package_of_packagist_is_installed(Workshop workshop) throws Exception {
    Workshop.skipWithout(PACKAGIST);
    var checkout = workshop.checkout(FIXTURE);
    Files.delete(checkout.resolve("composer.lock"));
    Workshop.replace(
        checkout.resolve("composer.json"), "\"ext-mbstring\": \"*\"", "\"psr/log\": \"^3\"");
    Workshop.replace(checkout.resolve("composer.json"), ",\n    { \"packagist.org\": false }", "");

    try (var app = workshop.run(workshop.build(workshop.job("packagist", checkout)))) {
      assertThat(app.exec("ls", "/workspace/vendor/psr")).isEqualTo("log");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          composer.json | "^8.2"          | "~7.4.0"                         | PHP ~7.4.0 cannot be had here (require.php in composer.json is ~7.4.0)
          composer.json | "ext-mbstring"  | "ext-redis"                      | the extension redis, which composer.json requires, cannot be had here
          composer.json | "fixture/prices": "1.0.0" | "fixture/prices": "1.0.0", "fixture/more": "*" | composer.json and composer.lock are out of step
          composer.json | "repositories"  | "repositories",                  | composer.json is not right
          """)
  @Tag("nightly")
  @Tag("DEP-12")
  void what_cannot_be_installed_is_named(
      String file, String from, String to, String cause, Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Workshop.replace(checkout.resolve(file), from, to);

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary()).startsWith(cause);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          { "packagist.org": false }                               | there is no package fixture/none
          { "type": "composer", "url": "https://127.0.0.1:9" }     | 127.0.0.1:9 did not answer
          """)
  @Tag("nightly")
  @Tag("DEP-12")
  void a_package_that_cannot_be_had_is_named(String repository, String cause, Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.delete(checkout.resolve("composer.lock"));
    Workshop.replace(
        checkout.resolve("composer.json"),
        "\"fixture/prices\": \"1.0.0\"",
        "\"fixture/none\": \"1.0.0\"");
    Workshop.replace(checkout.resolve("composer.json"), "{ \"packagist.org\": false }", repository);

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary()).isEqualTo(cause);
  }
}
