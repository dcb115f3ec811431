package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a buildpack says of its choices: what made it take the app, which version of what that gets
/// and why, what starts and why, and how to choose otherwise.
@DisplayNameGeneration(ReplaceUnderscores.class)
class ChoicesSaidTest {
  @TempDir Path app;
  @TempDir Path layers;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          nodejs | package.json={}                   | Node.js app (package.json)   | : the default; choose another with "engines": {"node": "22.x"} in package.json
          deno   | deno.jsonc={} deno.lock           | Deno app (deno.jsonc)        | : the default; choose another with a file .deno-version
          python | main.py                           | Python app (main.py)         | : the default; choose another with the file .python-version
          python | main.py requirements.txt .python-version=3.13.2 | Python app (requirements.txt) | Python 3.13: .python-version asks for 3.13.2
          python | pyproject.toml=[project] shop.py  | Python app (pyproject.toml)  | : the default
          ruby   | config.ru                         | Ruby app (config.ru)         | : the one that Debian 13 has; choose another with a Dockerfile
          ruby   | app.rb Gemfile .ruby-version=3.3.2 | Ruby app (Gemfile)          | : .ruby-version asks for 3.3.2
          php    | public/index.php                  | PHP app (public/index.php)   | : the one that Debian 13 has; choose another with a Dockerfile
          go     | go.mod=module_x                   | Go app (go.mod)              | Go 1.27: the newest; choose another with a line 'go 1.x' in go.mod
          go     | go.mod=go_1.25                    | Go app (go.mod)              | Go 1.25: go in go.mod is 1.25; choose a newer one with a line 'toolchain go1.27.
          go     | go.mod=go_1.20                    | Go app (go.mod)              | Go 1.27: go in go.mod is 1.20, which is not here: the newest does for it
          go     | go.mod=toolchain_go1.25.1         | Go app (go.mod)              | Go 1.25: toolchain in go.mod is 1.25.1\\n
          go     | go.mod go.work=go_1.27            | Go app (go.work)             | Go 1.27: go in go.work is 1.27\\n
          rust   | Cargo.toml                        | Rust app (Cargo.toml)        | : the newest known here; choose another with a file rust-toolchain.toml
          rust   | Cargo.toml rust-toolchain=stable  | Rust app (Cargo.toml)        | : the newest stable one known here; choose another with channel in rust-toolchain
          maven  | pom.xml=<release>17</release>     | Java app (pom.xml)           | Java 17: pom.xml compiles for Java 17; choose another with java.runtime.version in system.properties
          maven  | pom.xml                           | Java app (pom.xml)           | : the default; choose another with java.runtime.version=21 in system.properties
          gradle | build.gradle=targetCompatibility_=_18 | Gradle app (build.gradle) | Java 21: build.gradle compiles for Java 18; choose another with java.runtime.version in system.properties
          gradle | build.gradle                      | Gradle app (build.gradle)    | : the default; choose another with a wrapper: gradle wrapper
          static | public/index.html                 | Static site (public/index.html) | 1 file from public (choose another folder with "root: <folder>" in a file Staticfile)
          static | pages/a.html Staticfile=root:_pages | Static site (root in Staticfile) | 1 file from pages\\n
          static | index.html                        | Static site (index.html)     | : the base image's; choose another server with a Dockerfile
          """)
  @Tag("BLD-1")
  void what_was_recognised_and_which_version(
      String buildpack, String files, String recognised, String version) throws Exception {
    for (var each : files.split(" ", -1)) {
      var parts = each.split("=", 2);
      write(parts[0], parts.length > 1 ? parts[1].replace('_', ' ') + "\n" : "");
    }

    assertThat(untilProvided(buildpack))
        .startsWith("-----> " + recognised + "\n")
        .contains(version.translateEscapes());
  }

  private void write(String file, String text) throws Exception {
    var path = app.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /// Runs `bin/build` up to what it fetches.
  private String untilProvided(String buildpack) throws Exception {
    return Bash.run(
        app,
        """
        export CNB_BUILDPACK_DIR='%s' CNB_LAYERS_DIR='%s'
        bash -c "$(sed '/^provide_/,$d' "$CNB_BUILDPACK_DIR/bin/build")"
        """
            .formatted(Workshop.BUILDPACKS.resolve(buildpack), layers));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ./cmd/clock ./cmd/web | Start: web (the command web; a Procfile overrides it)
          ./cmd/clock .         | Start: shop (the command at the top; a Procfile overrides it)
          ./cmd/clock ./cmd/shop | Start: shop (it is called like the module; a Procfile overrides it)
          ./cmd/clock           | Start: clock (the only command; a Procfile overrides it)
          ./cmd/a ./cmd/b       | several commands can be started: a b
          """)
  @Tag("BLD-1")
  void which_command_starts(String commands, String said) throws Exception {
    assertThat(
            run(
                "go",
                "say commands programs start",
                """
                module=shop commands=(%s)
                for each in "${commands[@]}"; do program_of[$each]=$(last_of "${each/#./shop}"); done
                declare_processes
                """
                    .formatted(commands)))
        .contains(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          api.jar=Main-Class,lib.jar            | Start: java -jar target/api.jar (the only jar with a Main-Class; a Procfile overrides it)
          api.jar=Main-Class,api-all.jar=Main-Class | Start: java -jar target/api-all.jar (of several jars the one that holds all; a Procfile overrides it)
          api.jar=Main-Class+Spring-Boot-Version,x.jar=Main-Class | Start: java -jar target/api.jar (Spring Boot's jar; a Procfile overrides it)
          api.jar=Main-Class,b.jar=Main-Class   | several jars can be started: target/api.jar target/b.jar
          """)
  @Tag("BLD-1")
  void which_jar_starts(String jars, String said) throws Exception {
    for (var each : jars.split(",", -1)) {
      var parts = each.split("=", 2);
      jar(parts[0], parts.length > 1 ? parts[1] : null);
    }

    assertThat(
            run(
                "maven",
                "say java/manifest java/procfile java/runnable java/start jars",
                "find_runnable; declare_process"))
        .contains(said);
  }

  private void jar(String name, @Nullable String attributes) throws Exception {
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (attributes != null) {
      for (var each : attributes.split("\\+", -1)) {
        manifest.getMainAttributes().putValue(each, "3.5.0");
      }
    }
    var file = Files.createDirectories(app.resolve("target")).resolve(name);
    new JarOutputStream(Files.newOutputStream(file), manifest).close();
  }

  private String run(String buildpack, String parts, String script) throws Exception {
    return Bash.run(
        app,
        """
        export CNB_BUILDPACK_DIR='%s' layers='%s'
        ( for part in %s; do . "$CNB_BUILDPACK_DIR/lib/$part.sh"; done
        %s ) 2>&1 || true
        """
            .formatted(Workshop.BUILDPACKS.resolve(buildpack), layers, parts, script));
  }
}
