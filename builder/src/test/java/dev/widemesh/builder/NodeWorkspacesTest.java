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

/// Where the dependencies of a workspace lie: in a layer, or in the app where a file of it could
/// count. What is installed is laid out by the test; which manager would is of no matter here.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-9")
class NodeWorkspacesTest {
  private static final Path LIB = Workshop.BUILDPACKS.resolve("nodejs/lib");

  /// As npm does: programs and links to the workspace, and a folder of its own.
  private static final String INSTALLS =
      """
      install_all() {
        mkdir -p node_modules/ms web/node_modules/ms
        echo '{"name": "ms"}' | tee node_modules/ms/package.json >web/node_modules/ms/package.json
        ln -s ../web node_modules/web
      }
      remove_development() { echo pruned; }
      """;

  @TempDir Path app;
  @TempDir Path scratch;

  @BeforeEach
  void workspace() throws Exception {
    write("package.json", "{\"workspaces\": [\"web\"]}");
    write("web/package.json", "{\"name\": \"web\"}");
    write("web/server.js", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          npm  | web/server.js           | x | in a layer
          npm  | web/test/node_modules/a | x | in a layer
          npm  | web/package.json        | {"dependencies": {"prices": "file:../prices"}} | in a layer
          npm  | web/package.json        | {"scripts": {"build": "x"}} | in a layer
          npm  | package.json            | {"workspaces": ["web"], "scripts": {"build": "true"}} | its build script may write into them
          npm  | web/package.json        | {"scripts": {"postinstall": "x"}} | its scripts run at installation
          npm  | web/binding.gyp         | {} | its scripts run at installation
          npm  | templates/package.json  | {"name": {{name}}} | a package.json of it cannot be read
          yarn | web/package.json        | {"dependencies": {"prices": "file:../prices"}} | some are copies of its folders
          yarn | package.json            | {"workspaces": ["web"], "resolutions": {"ms": "file:./ms"}} | some are copies of its folders
          npm  | package.json            | {"workspaces": ["web"], "overrides": {"a": {"ms": "file:ms.tgz"}}} | some are copies of its folders
          pnpm | package.json            | {"workspaces": ["web"], "pnpm": {"overrides": {"ms": "file:ms"}}} | some are copies of its folders
          bun  | package.json            | {"workspaces": {"packages": ["web"], "catalog": {"ms": "file:ms"}}} | some are copies of its folders
          pnpm | pnpm-workspace.yaml     | catalog: {"ms": "file:ms"} | some are copies of its folders
          pnpm | .pnpmfile.cjs           | x | its .pnpmfile may read any file
          pnpm | web/package.yaml        | name: web | a package.json5 or package.yaml of it is not understood
          npm  | web/package.json        | {"bin": {"web": "server.js"}} | programs of its workspaces are made executable
          npm  | web/node_modules/a      | x | a workspace has node_modules in the repository
          """)
  void a_layer_is_only_where_no_other_file_can_count(
      String manager, String file, String text, String where) throws Exception {
    write(file, text);

    var said = provided(manager, INSTALLS + MAKES);

    if (where.equals("in a layer")) {
      assertThat(said).contains("-----> Installing the dependencies\n");
      assertThat(app.resolve("node_modules")).isSymbolicLink();
      assertThat(app.resolve("web/node_modules")).isSymbolicLink();
      assertThat(app.resolve("node_modules/web").toRealPath())
          .isEqualTo(app.resolve("web").toRealPath());
      assertThat(provided(manager, INSTALLS)).contains("Dependencies unchanged (reused)");
    } else {
      assertThat(said).contains("-----> Installing the dependencies (into the app: " + where + ")");
      assertThat(app.resolve("node_modules")).isDirectory();
      assertThat(app.resolve("node_modules").toFile().getCanonicalFile())
          .isEqualTo(app.toRealPath().resolve("node_modules").toFile());
    }
  }

  @Test
  void what_the_build_script_made_in_them_stays() throws Exception {
    building();

    provided("npm", INSTALLS + MAKES);

    assertThat(app.resolve("node_modules/.client/made.js")).hasContent("made");
    assertThat(app.resolve("dist/assets/node_modules/a/made.js")).hasContent("made");
  }

  @ParameterizedTest
  @CsvSource({"pnpm", "bun", "yarn"})
  void removing_development_dependencies_takes_nothing_along_that_the_build_script_made(
      String manager) throws Exception {
    building();

    var said =
        provided(
            manager,
            "manager=%1$s; . ./%1$s.sh; tidy_modules() { :; }".formatted(manager) + AS_ASKED);

    assertThat(said).contains("The development dependencies stay");
    assertThat(app.resolve("node_modules/.client/made.js")).hasContent("made");
    assertThat(app.resolve("dist/assets/node_modules/a/made.js")).hasContent("made");
  }

  /// The manager runs them as it does those of the app itself.
  @ParameterizedTest
  @CsvSource({"yarn,postinstall,true", "bun,prepare,true", "yarn,test,false"})
  void nor_what_a_script_of_a_workspace_made_at_installation(
      String manager, String script, boolean stay) throws Exception {
    write("package.json", "{\"workspaces\": [\"web\"], \"devDependencies\": {\"ms\": \"2\"}}");
    write("web/package.json", "{\"bin\": \"a\", \"scripts\": {\"%s\": \"x\"}}".formatted(script));

    var said = provided(manager, "manager=%1$s; . ./%1$s.sh".formatted(manager) + AS_ASKED);

    assertThat(said).contains("Installing the dependencies (into the app: ");
    assertThat(said.contains("The development dependencies stay")).isEqualTo(stay);
    assertThat(said.lines().filter(line -> line.startsWith("asked: "))).hasSize(stay ? 1 : 2);
  }

  @Test
  void of_a_site_only_what_the_manager_made_goes() throws Exception {
    building();

    provided("npm", INSTALLS + MAKES, "site_folder=dist; site_fallback=true; hand_over");

    assertThat(app.resolve("node_modules")).doesNotExist();
    assertThat(app.resolve("web/node_modules")).doesNotExist();
    assertThat(app.resolve("dist/assets/node_modules/a/made.js")).hasContent("made");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          package.json | {"scripts": {"postinstall": "node look-for-schema.js"}}
          package.json | {"scripts": { "install" : "make" }}
          binding.gyp  | {}
          """)
  void what_scripts_of_dependencies_made_is_neither_reused_nor_removed(String file, String text)
      throws Exception {
    var installs =
        """
        . ./pnpm.sh
        install_all() {
          mkdir -p node_modules/.pnpm/client/node_modules/client
          echo '%s' >node_modules/.pnpm/client/node_modules/client/%s
          echo made >node_modules/.pnpm/client/made.js
        }
        run_manager() { echo "asked: $*"; }
        """
            .formatted(text, file);
    write("web/package.json", "{\"devDependencies\": {\"ms\": \"2\"}}");

    var said = provided("pnpm", installs);

    assertThat(said)
        .contains("They stay in the app: scripts of theirs, which may read any file, run")
        .doesNotContain("asked");
    assertThat(app.resolve("node_modules/.pnpm/client/made.js")).hasContent("made");
    assertThat(provided("pnpm", installs)).doesNotContain("Dependencies unchanged");
  }

  @Test
  void development_dependencies_of_a_workspace_go_where_no_script_ran() throws Exception {
    write("web/package.json", "{\"devDependencies\": {\"ms\": \"2\"}}");

    assertThat(provided("npm", INSTALLS)).contains("pruned");
  }

  /// More links than one command line takes, and some that lead through others.
  @Test
  void each_link_into_the_app_is_followed_as_the_manager_made_it() throws Exception {
    var links =
        """
        install_all() {
          mkdir -p node_modules/.bin
          for each in $(seq 40); do
            ln -s ../web "node_modules/web$each"
            for file in $(seq 60); do
              ln -s "../web$each/server.js" "node_modules/.bin/a-name-of-some-length-so-that-it-takes-many-lines-$each-$file"
            done
          done
        }
        """;

    provided("npm", links);

    try (var all = Files.list(app.resolve("node_modules/.bin"))) {
      assertThat(all)
          .hasSize(40 * 60)
          .allSatisfy(
              link ->
                  assertThat(Files.readSymbolicLink(link))
                      .isEqualTo(app.toRealPath().resolve("web/server.js")));
    }
  }

  private static final String MAKES =
      """
      run_build() {
        mkdir -p node_modules/.client dist/assets/node_modules/a
        echo made | tee node_modules/.client/made.js >dist/assets/node_modules/a/made.js
      }
      """;

  /// The manager of the buildpack: what it is told is done as it would.
  private static final String AS_ASKED =
      """

      run_manager() {
        echo "asked: $*"
        mkdir -p node_modules/ms
      }
      """
          + MAKES;

  private void building() throws Exception {
    write(
        "package.json",
        """
        {"workspaces": ["web"], "scripts": {"build": "x"}, "devDependencies": {"ms": "2"}}
        """);
  }

  private void write(String file, String text) throws Exception {
    Files.createDirectories(app.resolve(file).getParent());
    Files.writeString(app.resolve(file), text);
  }

  private String provided(String manager, String installs) throws Exception {
    return provided(manager, installs, ":");
  }

  /// Each time as from a fresh clone, with the layers of the time before.
  private String provided(String manager, String installs, String then) throws Exception {
    return Bash.run(
        LIB,
        """
        app='%s' layers='%s/layers' scratch=$(mktemp -d -p '%2$s') HOME=$scratch
        for part in say fetch layer reads registry package version manager node memory explain mirror modules counted made site start; do
          . ./$part.sh
        done
        prepare_manager() { :; }
        lock="" node_version=24.21.0 npm_version=11 manager_version=1 arch=x64 site=false
        manager=%s site_tool=""
        %s
        cd "$app"
        for folder in node_modules web/node_modules; do
          if [[ -L $folder ]]; then rm "$folder"; fi
        done
        read_package
        [[ '%5$s' == : ]] || site=true
        provide_dependencies
        %5$s
        """
            .formatted(app, scratch, manager, installs, then));
  }
}
