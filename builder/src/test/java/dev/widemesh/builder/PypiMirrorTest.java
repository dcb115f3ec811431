package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// pip, and the index that it asks, where the operator has a mirror of PyPI.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PypiMirrorTest {
  private static final String FILE = "pip-26.3-py3-none-any.whl";

  @TempDir private Path work;
  private MirrorHost host;
  private byte[] wheel = new byte[0];

  @BeforeEach
  void start() throws Exception {
    host = new MirrorHost();
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("pip/__main__.py"));
      zip.write("hello\n".getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    wheel = bytes.toByteArray();
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ../../packages/07/%s#sha256=00  | /pypi/packages/07/
          %s                              | /pypi/simple/pip/
          /files/%s#sha256=00             | /files/
          //{host}/files/%s               | /files/
          http://{host}/files/a/%s#x      | /files/a/
          """)
  void the_page_of_pip_says_where_it_is_and_nobody_else_is_asked(String link, String folder)
      throws Exception {
    host.put("/pypi/simple/pip/", page(link.replace("{host}", host.name())));
    host.put(folder + FILE, wheel);

    assertThat(pip(host.url("/pypi/simple"))).isEqualTo("hello\n" + host.url("/pypi/simple\n"));
    assertThat(host.asked).containsExactly("/pypi/simple/pip/", folder + FILE);
    assertThat(host.elsewhere).isEmpty();
  }

  @Test
  void a_page_that_names_files_elsewhere_does_not_give_the_login_to_them() throws Exception {
    host.putFar("/files/" + FILE, wheel);
    host.put("/simple/pip/", page("/files/%s"));
    assertThat(pip(host.url("/simple"))).startsWith("hello\n");

    host.put("/simple/pip/", page("http://files.example.org/%s"));
    assertThat(pip(host.url("/simple"))).contains("files.example.org did not answer");

    assertThat(host.told).containsExactly("null");
    assertThat(host.elsewhere).isNotEmpty();
    assertThat(host.elsewhere.getFirst())
        .isEqualTo("GET http://files.example.org/" + FILE + " HTTP/1.1");
  }

  @Test
  void without_one_pypi_is_asked() throws Exception {
    assertThat(pip("")).contains("files.pythonhosted.org did not answer");

    assertThat(host.elsewhere).contains("CONNECT files.pythonhosted.org:443 HTTP/1.1");
    assertThat(host.asked).isEmpty();
  }

  @Test
  void what_is_not_what_was_pinned_is_refused() throws Exception {
    host.put("/simple/pip/", page("%s"));
    host.put("/simple/pip/" + FILE, "else");

    assertThat(pip(host.url("/simple"))).contains(FILE + " arrived damaged (sha256 differs)");
  }

  @Test
  void one_that_lacks_it_or_wants_another_login_is_named_without_a_password() throws Exception {
    host.put("/simple/pip/", "<a href='pip-9.0-py3-none-any.whl'>x</a>");

    assertThat(pip(host.url("/simple")))
        .contains("the operator's mirror %s has no %s\n".formatted(host.name(), FILE))
        .doesNotContain("s3c");
    assertThat(pip(host.as("ada:guessed", "/simple")))
        .contains("the operator's mirror %s wants another name".formatted(host.name()))
        .doesNotContain("guessed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          WARNING: 401 Error, Credentials not correct for https://m.test/simple/x/ | the operator's mirror m.test wants another name
          error: HTTP status client error (401 Unauthorized) for url (https://m.test/simple/x/) | the operator's mirror m.test wants another name
          Failed to fetch https://ada:****@m.test/simple/x/ dns error | m.test did not answer
          ERROR: No matching distribution found for x | the operator's mirror m.test has no package x
          """)
  void what_pip_says_of_it_is_turned_into_a_cause(String said, String cause) throws Exception {
    assertThat(
            run(
                "https://ada:s3cret@m.test/simple",
                """
                source=requirements.txt
                echo '%s' >"$scratch/tool.log"
                explain pip 1
                """
                    .formatted(said)))
        .startsWith(" !     " + cause)
        .doesNotContain("s3cret");
  }

  @Test
  void what_another_index_refuses_is_not_said_to_be_the_operators_to_correct() throws Exception {
    assertThat(
            run(
                "https://ada:s3cret@m.test/simple",
                """
                source=requirements.txt python=3.13
                {
                  echo 'WARNING: 401 Error, Credentials not correct for https://pypi.corp/x/'
                  echo 'ERROR: No matching distribution found for x'
                } >"$scratch/tool.log"
                explain pip 1
                """))
        .startsWith(" !     the operator's mirror m.test has no package x");
  }

  @Test
  void what_pip_says_of_its_indexes_is_not_shown() throws Exception {
    assertThat(
            run(
                "https://ada:s3cret@m.test/simple",
                """
                printf 'Looking in indexes: https://ada:****@m.test/simple\nCollecting x\n' | quieter
                """))
        .isEqualTo("Collecting x\n");
  }

  private static String page(String link) {
    return """
    <!DOCTYPE html><html><body>
    <a href="../../%2$s.metadata">%2$s.metadata</a>
    <a class="x" HREF = '%1$s' data-requires-python="&gt;=3.9">%2$s</a>
    </body></html>
    """
        .formatted(link.formatted(FILE), FILE);
  }

  private String pip(String mirror) throws Exception {
    return run(
        mirror,
        """
        rm -rf "$layers"
        mkdir -p "$layers"
        pip_sha256=%s
        provide_pip
        cat "$layers/pip/pip/__main__.py"
        echo "$PIP_INDEX_URL"
        """
            .formatted(Sha256.of(wheel).replace("sha256:", "")));
  }

  private String run(String mirror, String script) throws Exception {
    return Bash.run(
        work,
        """
        %s
        export WIDEMESH_PYPI_MIRROR='%s'
        CNB_BUILDPACK_DIR='%s' layers='%s' scratch='%s'
        for part in say fetch layer tools explain; do . "$CNB_BUILDPACK_DIR/lib/$part.sh"; done
        mkdir -p "$layers" "$scratch"
        (
        %s
        ) || true
        """
            .formatted(
                host.settings(),
                mirror,
                Workshop.BUILDPACKS.resolve("python"),
                work.resolve("layers"),
                work.resolve("scratch"),
                script));
  }
}
