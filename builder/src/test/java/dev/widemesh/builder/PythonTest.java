package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.ProcessType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Python apps, whoever manages their dependencies.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PythonTest {
  private static final String STACK = "python";

  @RegisterExtension static final FirstBuild FIRST = new FirstBuild(STACK, "python/fixture/flask");

  @Test
  @Tag("BLD-1")
  @Tag("BLD-4")
  @Tag("BLD-9")
  void a_flask_app_answers_and_a_changed_line_moves_only_its_own_files(
      Workshop workshop, Built built) throws Exception {
    assertThat(built.processes())
        .containsExactly(new ProcessType("web", null, List.of("gunicorn", "app:app")));
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).startsWith("hello from flask");
      assertThat(app.get("/environment", "X-Forwarded-Proto", "https").body())
          .contains("\"scheme\":\"https\"")
          .contains("\"python\":\"3.13\"", "\"flask\":\"3.1.3\"", "\"cwd\":\"/workspace\"")
          .contains("\"unbuffered\":\"1\"", "\"bytecode\":true");
      assertThat(app.exec("ls", "/layers/widemesh_python"))
          .doesNotContain("pip", "cache", "headers");
    }

    var checkout = workshop.checkout("python/fixture/flask");
    Workshop.replace(checkout.resolve("app.py"), "hello from", "bye from");
    Files.writeString(checkout.resolve("README"), "With one file more a build is made.");
    var second = workshop.job(STACK, checkout, Optional.of(built));
    var changed = workshop.build(second);

    assertThat(workshop.output(second))
        .contains("Python 3.13 (reused)", "Dependencies unchanged (reused)")
        .contains("Layers reused: python, venv")
        .containsPattern("Moved \\d+ (kB|B) in 1 of 4 layers");
    try (var app = workshop.run(changed)) {
      assertThat(app.get("/").body()).startsWith("bye from flask");
    }
  }

  /// And what the build runs for itself is not confused by files that are called like Python's own.
  @Test
  @Tag("nightly")
  @Tag("BLD-9")
  void a_package_of_the_apps_own_is_installed_anew_when_it_changes(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("python/fixture/flask");
    Files.writeString(
        checkout.resolve("app.py"),
        "import kit\n\n\n@app.get(\"/kit\")\ndef what():\n    return kit.NAME\n",
        StandardOpenOption.APPEND);
    Files.writeString(
        checkout.resolve("requirements.txt"),
        "wheels/kit-1.0-py3-none-any.whl\n",
        StandardOpenOption.APPEND);
    Files.writeString(checkout.resolve("platform.py"), "def system():\n    return ''\n");
    for (var module : List.of("types.py", "logging.py")) {
      Files.writeString(checkout.resolve(module), "raise RuntimeError('the app is confused')\n");
    }
    wheel(checkout, "one");
    var one = workshop.build(workshop.job(STACK, checkout));
    try (var app = workshop.run(one)) {
      assertThat(app.get("/kit").body()).isEqualTo("one");
      assertThat(app.get("/environment").body()).contains("\"bytecode\":true");
    }

    wheel(checkout, "two");
    var job = workshop.job(STACK, checkout, Optional.of(one));
    try (var app = workshop.run(workshop.build(job))) {
      assertThat(app.get("/kit").body()).isEqualTo("two");
    }
    assertThat(workshop.output(job)).contains("Python 3.13 (reused)");
  }

  private static void wheel(Path checkout, String name) throws Exception {
    var file = checkout.resolve("wheels/kit-1.0-py3-none-any.whl");
    Files.createDirectories(file.getParent());
    var info = "kit-1.0.dist-info/";
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      add(zip, "kit.py", "NAME = '" + name + "'\n");
      add(zip, info + "METADATA", "Metadata-Version: 2.1\nName: kit\nVersion: 1.0\n");
      add(zip, info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
      add(
          zip,
          info + "RECORD",
          "kit.py,,\n%1$sMETADATA,,\n%1$sWHEEL,,\n%1$sRECORD,,\n".formatted(info));
    }
  }

  private static void add(ZipOutputStream zip, String name, String text) throws Exception {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-10")
  void the_same_commit_is_the_same_image_wherever_it_is_built(Built built) throws Exception {
    assertThat(FIRST.elsewhere().image()).isEqualTo(built.image());
  }

  @Test
  @Tag("BLD-1")
  void a_django_app_locked_by_poetry_serves_its_static_files(Workshop workshop) throws Exception {
    var job = workshop.job(STACK, workshop.checkout("python/fixture/django"));

    try (var app = workshop.run(workshop.build(job))) {
      var home = app.get("/").body();
      assertThat(home).startsWith("hello from django, /static/shop.");
      var css = app.get(home.substring(home.indexOf('/')).strip());
      assertThat(css.body()).contains("color: teal");
    }
    assertThat(workshop.output(job))
        .contains("pip install, as locked in poetry.lock")
        .doesNotContain("pytest");
  }

  @Test
  @Tag("DEP-12")
  void a_package_that_does_not_exist_is_named(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("python/fixture/flask");
    Files.writeString(checkout.resolve("requirements.txt"), "widemesh-does-not-exist==1.0\n");

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary()).isEqualTo("PyPI has no package widemesh-does-not-exist");
    assertThat(cause.nextStep()).startsWith("correct its name in requirements.txt");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          flask==99.9                       | no version of flask fits flask==99.9        | choose another version
          --index-url https://127.0.0.1:9/x | 127.0.0.1 did not answer                    | look at the server's network
          not a requirement                 | requirements.txt is not right               | correct requirements.txt
          ./broken                          | broken cannot be built (it wants nowhere.h) | choose a version
          """)
  @Tag("nightly")
  @Tag("DEP-12")
  void what_cannot_be_installed_is_named(
      String line, String cause, String nextStep, Workshop workshop) throws Exception {
    var checkout = workshop.checkout("python/fixture/flask");
    Files.writeString(checkout.resolve("requirements.txt"), line + "\nflask\n");
    Files.createDirectory(checkout.resolve("broken"));
    Files.writeString(
        checkout.resolve("broken/setup.py"),
        """
        from setuptools import Extension, setup
        setup(name="broken", version="1", ext_modules=[Extension("broken", ["broken.c"])])
        """);
    Files.writeString(checkout.resolve("broken/broken.c"), "#include <nowhere.h>\n");

    var refused = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(refused.summary()).startsWith(cause);
    assertThat(refused.nextStep()).startsWith(nextStep);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          runtime.txt     | python-3.9.7                         | Python 3.9.7 cannot be had here (runtime.txt): 3.13 can
          .python-version | 3.14                                 | Python 3.14 cannot be had here (.python-version): 3.13 can
          pyproject.toml  | [project]\\nrequires-python = '<3.12' | Python <3.12 cannot be had here (requires-python in pyproject.toml): 3.13 can
          """)
  @Tag("DEP-12")
  void a_python_that_cannot_be_had_is_answered_with_those_that_can(
      String file, String content, String cause, Workshop workshop) throws Exception {
    var checkout = workshop.checkout("python/fixture/flask");
    Files.writeString(checkout.resolve(file), content.replace("\\n", "\n") + "\n");

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary()).isEqualTo(cause);
  }

  @Test
  @Tag("nightly")
  @Tag("DEP-12")
  void an_app_without_a_server_is_told_which_to_add(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("python/fixture/flask");
    Workshop.replace(checkout.resolve("requirements.txt"), "gunicorn==27.0.1\n", "");

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary())
        .isEqualTo("this is a Flask app, and no server for it is among the dependencies");
    assertThat(cause.nextStep()).isEqualTo("add a line \"gunicorn\" to requirements.txt");
  }

  @Test
  @Tag("nightly")
  @Tag("DEP-12")
  void settings_of_django_that_want_the_configuration_are_named(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("python/fixture/django");
    Workshop.replace(
        checkout.resolve("shop/settings.py"),
        "os.environ.get(\"SECRET_KEY\", \"only for builds and this example\")",
        "os.environ[\"SECRET_KEY\"]");

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary())
        .isEqualTo(
            "the settings of Django want SECRET_KEY, and a build does not get the configuration");
  }

  @Test
  @Tag("nightly")
  @Tag("DEP-12")
  void a_pyproject_toml_that_is_not_the_one_of_its_lock_is_named(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("python/fixture/django");
    Workshop.replace(
        checkout.resolve("pyproject.toml"), "gunicorn = \"*\"", "gunicorn = \"*\"\nredis = \"*\"");

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary())
        .isEqualTo("poetry.lock is out of step with pyproject.toml, which changed since");
    assertThat(cause.nextStep()).startsWith("poetry lock && git add poetry.lock");
  }

  @Test
  @Tag("nightly")
  @Tag("DEP-12")
  void a_pipfile_that_is_not_the_one_of_its_lock_is_named(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("python/fixture/pipenv");
    Workshop.replace(checkout.resolve("Pipfile"), "~=0.13.4", "~=0.12.0");

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary())
        .isEqualTo("Pipfile.lock is out of step with Pipfile, which changed since");
    assertThat(cause.nextStep()).startsWith("pipenv lock && git add Pipfile.lock");
  }
}
