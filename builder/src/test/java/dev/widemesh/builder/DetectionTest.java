package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which of our buildpacks takes an app, asked in the order of order.toml.
@DisplayNameGeneration(ReplaceUnderscores.class)
class DetectionTest {
  @TempDir Path app;
  @TempDir Path plan;

  @ParameterizedTest
  @CsvSource({
    "pom.xml package.json, maven",
    "pom.xml build.gradle, maven",
    "build.gradle package.json, gradle",
    "build.gradle.kts, gradle",
    "settings.gradle app/build.gradle, gradle",
    "settings.gradle.kts index.html, gradle",
    "gradlew, gradle",
    "go.mod main.go package.json, go",
    "main.go, go",
    "Cargo.toml src/main.rs package.json, rust",
    "Cargo.toml web/src/main.rs, rust",
    "Cargo.toml src/lib.rs pyproject.toml=[project] app.py, python",
    "Cargo.toml src/lib.rs package.json, nodejs",
    "Cargo.toml src/lib.rs, rust",
    "deno.json main.ts, deno",
    "deno.jsonc index.html, deno",
    "deno.lock main.ts, deno",
    "deno.lock package.json, deno",
    "deno.json package.json, nodejs",
    "deno.lock package.json pnpm-lock.yaml, nodejs",
    "deno.json package.json Procfile=web:_deno_run_main.ts, deno",
    "bun.lock package.json, nodejs",
    "Gemfile config.ru package.json, ruby",
    "Gemfile bin/rails package.json index.php, ruby",
    "config.ru index.html, ruby",
    "app.rb, ruby",
    "Gemfile, ruby",
    "Gemfile package.json server.js, nodejs",
    "Gemfile package.json Procfile=web:_bundle_exec_puma, ruby",
    "Gemfile index.html, static",
    "server.rb index.html, static",
    "index.php index.html, php",
    "public/index.php package.json composer.json, php",
    "composer.json Procfile=web:_php_worker.php package.json, php",
    "composer.json src/Shop.php, php",
    "composer.json package.json server.js, nodejs",
    "requirements.txt app.py composer.json, python",
    "requirements.txt app.py, python",
    "requirements.txt Procfile, python",
    "requirements.txt manage.py package.json, python",
    "pyproject.toml=[project] shop/main.py, python",
    "pyproject.toml=[tool.black] main.py, python",
    "uv.lock src/shop/__init__.py, python",
    "main.py, python",
    "package.json pyproject.toml=[tool.black] server.js, nodejs",
    "package.json requirements.txt tools/report.py, nodejs",
    "package.json requirements.txt Procfile=web:_gunicorn_shop, python",
    "package.json requirements.txt Procfile=web:_node_server.js, nodejs",
    "package.json main.py, nodejs",
    "package.json, nodejs",
    "server.js, nodejs",
    "index.html main.py, static",
    "requirements.txt index.html main.py, python",
    "requirements.txt, none",
    "notes.txt, none",
  })
  @Tag("BLD-1")
  void an_app_with_several_marks_goes_to_the_one_that_runs_it(String files, String taker)
      throws Exception {
    for (var each : files.split(" ", -1)) {
      var mark = each.split("=", 2);
      var file = app.resolve(mark[0]);
      Files.createDirectories(file.resolve("..").normalize());
      Files.writeString(file, mark.length > 1 ? mark[1].replace('_', ' ') + "\n" : "{}\n");
    }

    assertThat(taker()).isEqualTo(taker);
  }

  private String taker() throws Exception {
    for (var line : Files.readAllLines(Workshop.BUILDPACKS.resolve("order.toml"))) {
      var buildpack = line.replaceFirst("^id = \"widemesh/(.*)\"$", "$1");
      if (!buildpack.equals(line) && takes(buildpack)) {
        return buildpack;
      }
    }
    return "none";
  }

  private boolean takes(String buildpack) throws Exception {
    var process =
        new ProcessBuilder(
                Workshop.BUILDPACKS.resolve(buildpack).resolve("bin/detect").toString(),
                plan.toString(),
                plan.resolve("plan.toml").toString())
            .directory(app.toFile())
            .redirectErrorStream(true)
            .start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(buildpack + ": " + output).isIn(0, 100);
    return process.exitValue() == 0;
  }
}
