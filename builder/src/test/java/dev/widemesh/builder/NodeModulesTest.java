package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// When the dependencies of a Node.js app are installed again, and what of a build script's work
/// goes with them. What is installed is laid out by the test; which manager would is of no matter
/// here.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-9")
class NodeModulesTest {
  private static final Path LIB = Workshop.BUILDPACKS.resolve("nodejs/lib");
  private static final String UNCHANGED = "-----> Dependencies unchanged (reused)";

  /// One for development, and one with a script that reads a file of the app.
  private static final String INSTALLS =
      """
      install_all() {
        mkdir -p node_modules/{ms,client,mustache,@acme/lint}
        echo '{"name": "ms"}' | tee node_modules/{ms,mustache,@acme/lint}/package.json >/dev/null
        echo '{"scripts": {"postinstall": "x"}}' >node_modules/client/package.json
        cat schema.txt >node_modules/client/made
      }
      remove_development() { rm -r node_modules/{mustache,@acme}; }
      """;

  @TempDir Path app;
  @TempDir Path scratch;

  @BeforeEach
  void app() throws Exception {
    write("package.json", "{\"scripts\": {\"build\": \"x\"}, \"devDependencies\": {\"a\": \"1\"}}");
    write("schema.txt", "one");
    write("server.js", "one");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server.js         | two     | -----> Dependencies unchanged (reused)
          schema.txt        | two     | changed since the last time: schema.txt (read by scripts of theirs)
          prisma/new.prisma | two     | changed since the last time: the names of the app's files
          .npmrc            | x=1     | changed since the last time: .npmrc
          patches/ms        | two     | changed since the last time: patches/ms
          package.json      | {"scripts": {"build": "x"}, "devDependencies": {"a": "2"}} | what package.json says of them
          package.json      | {"scripts": {"build": "x", "prepare": "x"}, "devDependencies": {"a": "1"}} | at each build: its own scripts run at installation
          .pnpmfile.cjs     | require('./a') | at each build: its .pnpmfile may read any file
          .yarnrc.yml       | plugins:       | at each build: its plugins of yarn may read any file
          """)
  void what_changed_is_named(String file, String text, String says) throws Exception {
    var manager =
        switch (file) {
          case ".pnpmfile.cjs" -> "pnpm";
          case ".yarnrc.yml" -> "yarn";
          default -> "npm";
        };
    provided(manager, "");
    assertThat(provided(manager, "")).contains(UNCHANGED);
    write(file, text);

    var said = provided(manager, "");

    assertThat(said).contains(says);
    assertThat(said.contains(UNCHANGED)).isEqualTo(says.equals(UNCHANGED));
    assertThat(provided(manager, "").contains(UNCHANGED)).isNotEqualTo(says.startsWith("at each"));
  }

  @Test
  void where_nobody_notes_what_was_read_every_file_counts() throws Exception {
    var unnoted = "accesses_are_noted() { return 1; }";
    provided("npm", unnoted);
    assertThat(provided("npm", unnoted)).contains(UNCHANGED);
    write("server.js", "two");

    assertThat(provided("npm", unnoted))
        .contains("changed since the last time: server.js (read by");
  }

  @Test
  void what_a_script_of_a_dependency_wrote_into_the_app_is_there_in_each_build() throws Exception {
    var writes =
        "eval \"of_$(declare -f install_all)\"; install_all() { of_install_all; echo x >made; }";
    provided("npm", writes);
    Files.delete(app.resolve("made"));

    assertThat(provided("npm", writes))
        .contains("at each build: scripts of theirs write into the app");
    assertThat(app.resolve("made")).exists();
  }

  @Test
  void what_the_build_script_did_to_them_is_done_to_those_of_the_image() throws Exception {
    var said =
        provided(
            "npm",
            """
            run_build() {
              mkdir -p node_modules/{.client,@acme/client,.cache,.tmp} node_modules/ms/node_modules/b
              echo made | tee node_modules/{.client,@acme/client,.cache,.tmp,ms/node_modules/b,mustache}/made >/dev/null
              chmod +x node_modules/ms/package.json
              rm node_modules/client/made
              ln -s ../.client node_modules/@acme/link
              touch node_modules/.cache/a.tsbuildinfo
            }
            """);

    assertThat(said).contains("In the image, too: what the build script made in node_modules");
    var modules = app.resolve("node_modules");
    assertThat(modules).isSymbolicLink();
    assertThat(modules.resolve(".client/made")).hasContent("made");
    assertThat(modules.resolve("@acme/client/made")).hasContent("made");
    assertThat(modules.resolve("@acme/link/made")).hasContent("made");
    assertThat(modules.resolve("ms/node_modules/b/made")).hasContent("made");
    assertThat(modules.resolve("ms/package.json")).isExecutable();
    assertThat(modules.resolve("client/package.json")).exists();
    for (var gone : new String[] {".cache", ".tmp", "mustache", "@acme/lint", "client/made"}) {
      assertThat(modules.resolve(gone)).doesNotExist();
    }

    var next =
        provided("npm", "run_build() { ls -A node_modules/.cache; ls node_modules/client; }");

    assertThat(next).contains(UNCHANGED, "made\nmade\n").doesNotContain("In the image, too");
    assertThat(modules.resolve(".client")).doesNotExist();
    assertThat(modules.resolve("ms/package.json")).exists();
    assertThat(Files.isExecutable(modules.resolve("ms/package.json"))).isFalse();
    assertThat(modules.resolve("client/made")).hasContent("one");
  }

  /// Neither the files in such a folder nor those that were there before it have a time that says
  /// so.
  @Test
  void a_folder_that_the_build_script_moves_in_is_whole_in_the_image() throws Exception {
    write("vendor/client/deep/a", "a");
    write("vendor/ms/package.json", "{\"name\": \"sm\"}\n");
    write("vendor/ms/deep/b", "b");
    for (var file : new String[] {"vendor/client/deep/a", "vendor/ms/package.json"}) {
      Files.setLastModifiedTime(app.resolve(file), FileTime.fromMillis(5_000));
    }

    provided(
        "npm",
        """
        eval "of_$(declare -f install_all)"
        install_all() { of_install_all; touch -d @5 node_modules/ms/package.json; }
        run_build() {
          rm -r node_modules/ms
          mv vendor/ms node_modules/ms
          mv vendor/client node_modules/@acme/client
        }
        """);

    var modules = app.resolve("node_modules");
    assertThat(modules.resolve("@acme/client/deep/a")).hasContent("a");
    assertThat(modules.resolve("ms/package.json")).hasContent("{\"name\": \"sm\"}");
    assertThat(modules.resolve("ms/deep/b")).hasContent("b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "remove_development() { echo 2 >node_modules/ms/package.json; }\n"})
  void links_of_the_build_script_out_of_them_lead_where_they_led(String removes) throws Exception {
    write("dist/page.js", "page");

    provided(
        "npm",
        removes
            + """
            run_build() {
              ln -s ../dist node_modules/@app
              mkdir node_modules/@made
              ln -s ../../dist/page.js node_modules/@made/page.js
              ln -s ../@app node_modules/@made/app
              echo patched >>node_modules/ms/package.json
            }
            """);

    var modules = app.resolve("node_modules");
    for (var link : new String[] {"@app/page.js", "@made/page.js", "@made/app/page.js"}) {
      assertThat(modules.resolve(link)).hasContent("page");
    }
  }

  @Test
  void what_a_build_script_changed_is_never_taken_for_what_was_installed() throws Exception {
    provided("npm", "run_build() { echo patched >>node_modules/ms/package.json; }");
    Bash.run(scratch, "rm -r layers/production-modules{,.toml}");

    assertThat(provided("npm", "")).contains("not all of an earlier build are here");
    assertThat(app.resolve("node_modules/ms/package.json")).hasContent("{\"name\": \"ms\"}");
  }

  @Test
  void the_program_that_yarnrc_names_counts() throws Exception {
    var yarn =
        """
        . ./yarn.sh
        prepare_manager() { :; }
        choose_manager_version() { :; }
        wanted_yarn=""
        cd "$app"
        choose_version_of_manager
        """
            + INSTALLS;
    write(".yarnrc", "# ours\nyarn-path \"./tools/yarn.js\"\n");
    write("tools/yarn.js", "one");
    provided("yarn", yarn);
    assertThat(provided("yarn", yarn)).contains(UNCHANGED);
    write("tools/yarn.js", "two");

    assertThat(provided("yarn", yarn)).contains("changed since the last time: ./tools/yarn.js");
  }

  /// The manager does so, too, which would look like a script that writes into the app.
  @Test
  void what_is_for_plug_and_play_is_removed_before_anything_counts() throws Exception {
    var berry =
        ". ./berry.sh\n"
            + INSTALLS
            + """
            eval "of_$(declare -f install_all)"
            install_all() { of_install_all; rm -f .pnp.cjs; }
            """;
    write(".pnp.cjs", "one");
    assertThat(provided("yarn", berry)).contains(".pnp.cjs of the repository is removed");
    write(".pnp.cjs", "two");

    assertThat(provided("yarn", berry)).contains(UNCHANGED);
    assertThat(app.resolve(".pnp.cjs")).doesNotExist();

    write("Procfile", "web: node --require=./.pnp.cjs --loader ./.pnp.loader.mjs server.js\n");
    write(".pnp.cjs", "three");
    assertThat(provided("yarn", berry)).contains("An empty .pnp.cjs is there");
    assertThat(app.resolve(".pnp.cjs")).isEmptyFile();
    assertThat(app.resolve(".pnp.loader.mjs")).isEmptyFile();
  }

  @Test
  void what_the_build_script_removed_whole_is_not_in_the_image() throws Exception {
    provided(
        "npm",
        """
        eval "of_$(declare -f install_all)"
        install_all() { of_install_all; touch $'node_modules/ms/two\\nlines'; }
        run_build() { rm -rf node_modules; }
        """);

    assertThat(app.resolve("node_modules")).isEmptyDirectory();
  }

  @Test
  void where_they_are_laid_out_otherwise_those_for_development_stay() throws Exception {
    var said =
        provided(
            "npm",
            """
            tidy_modules() { rm -f node_modules/.modules.yaml; }
            remove_development() {
              echo 2 >node_modules/ms/package.json
              mkdir node_modules/.cache
              echo installed >node_modules/.cache/engine
            }
            run_build() {
              echo patched >>node_modules/ms/package.json
              echo today >node_modules/.modules.yaml
              mkdir node_modules/.cache
              echo built >node_modules/.cache/tool
            }
            """);

    assertThat(said)
        .contains("The development dependencies stay: the build script changed what npm");
    assertThat(app.resolve("node_modules/ms/package.json")).content().contains("\"ms\"", "patched");
    assertThat(app.resolve("node_modules/mustache")).exists();
    assertThat(app.resolve("node_modules/.modules.yaml")).doesNotExist();
    assertThat(app.resolve("node_modules/.cache/engine")).hasContent("installed");
    assertThat(app.resolve("node_modules/.cache/tool")).doesNotExist();
  }

  /// `foo` 2 is for development, and `foo` 1 what `ms` needs: alone it lies where 2 did.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          echo 3 >>node_modules/ms/node_modules/foo/index.js         | true
          echo 3 >node_modules/ms/node_modules/foo/made.js           | true
          rm node_modules/ms/node_modules/foo/index.js               | true
          echo 3 >>node_modules/foo/only-of-2.js                     | true
          echo 3 >>node_modules/@acme/lint/package.json              | false
          echo 3 >node_modules/.pnpm/lint@1/node_modules/lint/made.js | false
          """)
  void where_a_package_of_production_moves_those_for_development_stay(String build, boolean stay)
      throws Exception {
    var facts = "(cd node_modules && grep -r '' ms foo | LC_ALL=C sort)";

    var said =
        provided(
            "yarn",
            """
            eval "of_$(declare -f install_all)"
            install_all() {
              of_install_all
              mkdir -p node_modules/{foo,ms/node_modules/foo,.pnpm/lint@1/node_modules/lint}
              echo 1 >node_modules/ms/node_modules/foo/index.js
              echo 2 | tee node_modules/foo/index.js >node_modules/foo/only-of-2.js
            }
            remove_development() {
              rm -r node_modules/{mustache,@acme,foo,.pnpm/lint@1}
              mv node_modules/ms/node_modules/foo node_modules/foo
              rmdir node_modules/ms/node_modules
            }
            run_build() { %s; %s >built; }
            """
                .formatted(build, facts));

    assertThat(said.contains("The development dependencies stay: the build script changed what"))
        .isEqualTo(stay);
    assertThat(app.resolve("node_modules/mustache").toFile().exists()).isEqualTo(stay);
    assertThat(Bash.run(app, facts))
        .isEqualTo(
            stay
                ? Files.readString(app.resolve("built"))
                : "foo/index.js:1\nms/package.json:{\"name\": \"ms\"}\n");
  }

  /// As yarn 1 does, which removes what such scripts made and undoes what they changed.
  @ParameterizedTest
  @CsvSource({"postinstall,true", "prepare,true", "test,false"})
  void where_scripts_of_the_app_ran_in_them_yarn_1_removes_nothing(String script, boolean stay)
      throws Exception {
    write(
        "package.json",
        "{\"scripts\": {\"%s\": \"x\"}, \"devDependencies\": {\"a\": \"1\"}}".formatted(script));

    var said =
        provided(
            "yarn",
            """
            . ./yarn.sh
            run_manager() {
              echo "asked: $*"
              mkdir -p node_modules/ms
              [[ $* != *--production=false ]] || echo patched >node_modules/ms/index.js
              [[ $* != *--production=true* ]] || rm node_modules/ms/index.js
            }
            """);

    assertThat(said).contains("asked: install --no-lockfile --production=false");
    assertThat(
            said.contains(
                "The development dependencies stay: yarn removes them only with all that"))
        .isEqualTo(stay);
    assertThat(app.resolve("node_modules/ms/index.js").toFile().exists()).isEqualTo(stay);
  }

  @Test
  void a_build_that_fails_leaves_what_was_installed_as_it_was() throws Exception {
    var said =
        provided(
            "npm",
            "run_build() { echo x >node_modules/ms/package.json; exit 3; }",
            "|| echo failed");

    assertThat(said).contains("failed");
    assertThat(scratch.resolve("layers/build-modules/node_modules/ms/package.json"))
        .content()
        .contains("\"ms\"");
  }

  private void write(String file, String text) throws Exception {
    Files.createDirectories(app.resolve(file).getParent());
    Files.writeString(app.resolve(file), text);
  }

  private String provided(String manager, String instead) throws Exception {
    return provided(manager, instead, "");
  }

  /// Each time as from a fresh clone, with the layers of the time before.
  private String provided(String manager, String instead, String then) throws Exception {
    return Bash.run(
        LIB,
        """
        app='%s' layers='%s/layers' scratch=$(mktemp -d -p '%2$s') HOME=$scratch
        for part in say fetch layer reads registry package version manager node memory explain mirror modules counted made site start; do
          . ./$part.sh
        done
        prepare_manager() { :; }
        run_build() { :; }
        lock="" node_version=24.21.0 npm_version=11 manager_version=1 arch=x64 site=false
        manager=%s site_tool=""
        %s
        %s
        cd "$app"
        rm -rf node_modules
        read_package
        (provide_dependencies) %s
        """
            .formatted(app, scratch, manager, INSTALLS, instead, then));
  }
}
