package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Of which files the dependencies of a Python app are made: when one of them changes, they are
/// installed anew, and otherwise not.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PythonScriptsTest {
  private static final Path LIB = Workshop.BUILDPACKS.resolve("python/lib");
  private static final String KIT = "libs/common/kit.py";
  private static final String WHEEL = "wheels/kit.whl";

  @TempDir Path app;
  @TempDir Path layers;

  @BeforeEach
  void fill() throws Exception {
    Files.writeString(layers.resolve("python.toml"), "");
    write(KIT, "1");
    write(WHEEL, "1");
    write("kit.whl", "1");
    write("flask/page.html", "1");
    write("more/base.txt", "flask==3.1.3\n-r deeper.txt");
    write("more/deeper.txt", "jinja2==3.1.6");
    write("more/local.txt", "-r ../own.txt");
    write("own.txt", "libs/common");
  }

  private void write(String file, String text) throws Exception {
    var path = app.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          .                                      | libs/common/kit.py
          ./libs/common                          | libs/common/kit.py
          libs/common                            | libs/common/kit.py
          libs/common[fast] ; python_version>"3" | libs/common/kit.py
          -e libs/common                         | libs/common/kit.py
          kit @ file:libs/common                 | libs/common/kit.py
          kit@file:///workspace/libs/common      | libs/common/kit.py
          wheels/kit.whl                         | wheels/kit.whl
          kit.whl                                | kit.whl
          -f wheels                              | wheels/kit.whl
          --find-links=wheels                    | wheels/kit.whl
          -r more/base.txt                       | more/base.txt
          -r more/base.txt                       | more/deeper.txt
          -c more/deeper.txt                     | more/deeper.txt
          -r more/local.txt                      | libs/common/kit.py
          """)
  @Tag("BLD-9")
  void a_file_that_the_requirements_are_made_of_counts(String line, String file) throws Exception {
    write("requirements.txt", "blinker==1.9.0\n" + line);
    var before = key("requirements.txt");
    write(file, Files.readString(app.resolve(file)) + "\n# 2");

    assertThat(key("requirements.txt")).isNotEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          flask==3.1.3                                         | flask/page.html
          flask # not libs/common                              | libs/common/kit.py
          flask @ https://example.org/wheels/flask.whl         | wheels/kit.whl
          git+https://example.org/libs/common.git@v1           | libs/common/kit.py
          --find-links https://example.org/wheels              | wheels/kit.whl
          --extra-index-url https://example.org/simple         | libs/common/kit.py
          flask==3.1.3 --hash=sha256:00                        | libs/common/kit.py
          -r more/base.txt                                     | libs/common/kit.py
          """)
  @Tag("BLD-9")
  void a_file_that_they_are_not_made_of_does_not(String line, String file) throws Exception {
    write("requirements.txt", line + "\n");
    var before = key("requirements.txt");
    write(file, "2");

    assertThat(key("requirements.txt")).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          kit @ file:libs/common                       | true
          flask>=3                                     | false
          flask @ https://example.org/wheels/flask.whl | false
          """)
  @Tag("BLD-9")
  void in_pyproject_toml_as_well(String dependency, boolean counts) throws Exception {
    Files.writeString(layers.resolve("project.txt"), dependency + "\n");
    write("pyproject.toml", "[project]\ndependencies = ['" + dependency + "']\n");
    var before = key("pyproject.toml");
    write(KIT, "2");

    assertThat(key("pyproject.toml").equals(before)).isNotEqualTo(counts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { directory = "libs/common" }             | true
          { path = ".wheels/kit.whl" }              | true
          { registry = "wheels" }                   | true
          { editable = "." }                        | false
          { registry = "https://pypi.org/simple" }  | false
          """)
  @Tag("BLD-9")
  void in_uv_lock_as_well(String from, boolean counts) throws Exception {
    write("pyproject.toml", "[project]\n");
    write("uv.lock", "[[package]]\nname = \"kit\"\nsource = " + from + "\n");
    var before = key("uv.lock");
    write(WHEEL, "2");

    assertThat(key("uv.lock").equals(before)).isNotEqualTo(counts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          flask==3.1.3       |        | true
          -r more/base.txt   |        | true
          libs/common        |        | false
          -r more/local.txt  |        | false
          -r more/../own.txt |        | false
          django             | .      | false
          """)
  @Tag("BLD-9")
  void what_may_look_into_any_file_does_not_say_into_which(
      String line, @Nullable String django, boolean says) throws Exception {
    write("requirements.txt", line + "\n");
    var said =
        Bash.run(
            LIB,
            """
        layers='%s' scratch=$layers django='%s' CNB_BUILDPACK_DIR="$PWD/.."
        for part in dependencies reads hooks start; do . ./$part.sh; done
        cd '%s'
        choose_source
        declare_reads
        [[ ! -f $layers/launch.toml ]] || cat "$layers/launch.toml"
        """
                .formatted(layers, django == null ? "" : django, app));

    assertThat(said.isEmpty()).isNotEqualTo(says);
    if (says) {
      assertThat(said).contains("requirements.txt\\n", "\\napp.py\\tFlask(\\tFastAPI(");
      assertThat(said.contains("\\n/more/base.txt\\n/more/deeper.txt\\n"))
          .isEqualTo(line.startsWith("-r"));
    }
  }

  @Test
  void hooks_run_where_they_are_executable_and_may_look_into_any_file() throws Exception {
    write("requirements.txt", "flask==3.1.3\n");
    write("bin/pre_compile", "#!/bin/sh\necho from $0 && touch made\n");
    write("bin/post_compile", "#!/bin/sh\necho broken && exit 3\n");
    assertThat(hooks("pre_compile")).isEqualTo("has reads\n");
    assertThat(app.resolve("bin/pre_compile").toFile().setExecutable(true)).isTrue();
    assertThat(app.resolve("bin/post_compile").toFile().setExecutable(true)).isTrue();

    assertThat(hooks("pre_compile"))
        .isEqualTo("-----> bin/pre_compile\n       from ./bin/pre_compile\n");
    assertThat(app.resolve("made")).exists();
    assertThat(hooks("post_compile"))
        .startsWith("-----> bin/post_compile\n       broken\n")
        .contains(" !     bin/post_compile failed with exit code 3\n");
  }

  private String hooks(String name) throws Exception {
    return Bash.run(
        app,
        """
        layers='%s' scratch=$layers django="" python=3.13
        for part in say reads tools explain dependencies hooks start; do . '%s'/$part.sh; done
        (
          run_hook %s
          choose_source
          declare_reads
          if [[ -f $layers/launch.toml ]]; then echo has reads; fi
          rm -f "$layers/launch.toml"
        ) 2>&1 || true
        """
            .formatted(layers, LIB, name));
  }

  @Test
  void a_program_in_any_folder_finds_the_apps_modules_and_python_its_own() throws Exception {
    write("shop/config.py", "NAME = 'shop'");
    write("types.py", "raise RuntimeError('the app is confused')");
    write("scripts/worker.py", "import enum\nfrom shop.config import NAME\nprint(NAME)");

    assertThat(
            Bash.run(
                app,
                """
                layers='%s'
                python=$(python3 -c 'import sys; print("%%d.%%d" %% sys.version_info[:2])')
                . '%s/dependencies.sh'
                python3 -m venv --without-pip "$venv"
                put_app_on_path
                cd /
                "$venv/bin/python" "$OLDPWD/scripts/worker.py"
                """
                    .formatted(layers, LIB)))
        .isEqualTo("shop\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          kit = { index = 'own' }   | [tool.uv.sources]           | true
          kit = { workspace = true }| [tool.uv.sources]           | true
          url = 'https://own.test'  | [[tool.uv.index]]           | true
          dev = ['pytest']          | [tool.uv.dependency-groups] | false
          """)
  void packages_that_uv_has_from_elsewhere_do_not_come_from_pypi(
      String line, String table, boolean refused) throws Exception {
    write(
        "pyproject.toml",
        "[project]\nname = 'shop'\ndependencies = ['kit']\n%s\n%s\n".formatted(table, line));
    var refusal = " !     pyproject.toml says where uv gets packages from, but there is no uv.lock";

    assertThat(source()).startsWith(refused ? refusal : "pyproject.toml\n");
    write("uv.lock", "version = 1\n");
    assertThat(source()).isEqualTo("uv.lock\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          uv.lock        | [project]\\nname = "My.Shop"\\nversion = "1.2"\\nscripts = {work = "shop.jobs:Job.run"}\\n[build-system]     | worked as 1.2 work
          pyproject.toml | [project]\\nname = "My.Shop"\\nversion = "1.2"\\nscripts = {work = "shop.jobs:Job.run"}\\n[build-system]     | worked as 1.2 work
          poetry.lock    | [tool.poetry]\\nname = "my-shop"\\nversion = "1.3"\\nscripts = {work = "shop.jobs:Job.run"}\\n[build-system] | worked as 1.3 work
          uv.lock        | [project]\\nname = "my-shop"\\ndynamic = ["version"]\\nscripts = {work = "shop.jobs:Job.run"}\\n[build-system] | my-shop: its version is dynamic, and importlib.metadata does not know it
          uv.lock        | [project]\\nname = "my-shop"\\nversion = "1.2"\\nscripts = {work = "shop.jobs"}\\n[build-system]            | !     pyproject.toml is not right: work = 'shop.jobs' is no program
          uv.lock        | [project]\\nname = "my-shop"\\nversion = "1.2"\\nscripts = {work = "shop.jobs:Job.run"}                     | none
          poetry.lock    | [build-system]\\n[tool.poetry]\\nname = "my-shop"\\npackage-mode = false\\nscripts = {work = "shop.jobs:Job.run"} | none
          """)
  void the_projects_own_programs_can_be_started(String source, String pyproject, String said)
      throws Exception {
    write("pyproject.toml", pyproject.translateEscapes() + "\n");
    write(
        "shop/jobs.py",
        """
        from importlib.metadata import distribution

        class Job:
            def run():
                known = distribution("my-shop")
                print("worked as", known.version, *known.entry_points.names)
        """);

    assertThat(
            Bash.run(
                    app,
                    """
                    layers='%s' scratch=$layers source=%s CNB_BUILDPACK_DIR='%s/..'
                    python=$(python3 -c 'import sys; print("%%d.%%d" %% sys.version_info[:2])')
                    for part in say dependencies; do . "$CNB_BUILDPACK_DIR/lib/$part.sh"; done
                    (
                      read_project
                      python3 -m venv --without-pip "$venv"
                      put_app_on_path
                      add_project
                      cd /
                      if [[ -s $scratch/itself ]]; then exit; fi
                      if [[ -e $venv/bin/work ]]; then work=$venv/bin/work; else work="echo none"; fi
                      $work
                    ) 2>&1 || true
                    """
                        .formatted(layers, source, LIB))
                .strip())
        .startsWith(said);
  }

  /// What is decided upon, by what the scripts themselves read.
  private String source() throws Exception {
    return Bash.run(
        app,
        """
        layers='%s' scratch=$layers CNB_BUILDPACK_DIR='%s/..'
        for part in say dependencies; do . "$CNB_BUILDPACK_DIR/lib/$part.sh"; done
        (
          read_project
          choose_source
          echo "$source"
        ) 2>&1 || true
        """
            .formatted(layers, LIB));
  }

  private String key(String source) throws Exception {
    return Bash.run(
            LIB,
            """
            layers='%s' scratch=$layers pip_version=1 tool_version=1 has_project=true has_dynamic=false
            has_poetry=false has_uv_sources=false is_package=false CNB_BUILDPACK_DIR="$PWD/.."
            write_bytecode() { :; }
            . ./dependencies.sh
            cd '%s'
            choose_source
            [[ $source == %s ]]
            dependencies_key
            """
                .formatted(layers, app, source))
        .strip();
  }
}
