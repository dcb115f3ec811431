package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What nginx is told of a site.
@DisplayNameGeneration(ReplaceUnderscores.class)
class StaticScriptsTest {
  private static final Path BUILDPACK = Workshop.BUILDPACKS.resolve("static");

  @TempDir Path app;
  @TempDir Path layers;

  @BeforeEach
  void fill() throws Exception {
    write("index.html", "hello");
  }

  private void write(String file, String text) throws Exception {
    var path = app.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private String told(String file) throws Exception {
    return Files.readString(layers.resolve("server").resolve(file));
  }

  private String build() throws Exception {
    return Bash.run(
        app,
        "CNB_BUILDPACK_DIR='%1$s' CNB_LAYERS_DIR='%2$s' bash '%1$s/bin/build' || true"
            .formatted(BUILDPACK, layers));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spa: true           | /index.html
          spa: "yes" # routes | /index.html
          pushstate: enabled  | /index.html
          pushstate: disabled | =404
          spa: false          | =404
          root: .             | =404
          """)
  @Tag("BLD-1")
  void a_staticfile_says_what_unknown_paths_get(String line, String fallback) throws Exception {
    write("Staticfile", line + "\r\n");

    assertThat(build().contains("Unknown paths get index.html (spa in Staticfile)"))
        .isEqualTo(fallback.equals("/index.html"));
    assertThat(told("nginx.conf")).contains("try_files $uri $uri.html $uri/ " + fallback + ";\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "root": "dist/", "routes": {"/**": "index.html"} | dist | /index.html |
          "root": "/dist", "clean_urls": true              | dist | =404        |
          "root": "/"                                      |      | =404        |
          "root": "dist", "routes": {"/a": "b.html"}       | dist | =404        | routes
          "root": "dist", "headers": {}, "proxies": {}, "https_only": true | dist | =404 | headers, https_only, proxies
          """)
  @Tag("BLD-1")
  void a_static_json_says_what_is_served_and_hears_what_is_not_followed(
      String members, @Nullable String root, String fallback, @Nullable String ignored)
      throws Exception {
    write("dist/index.html", "hello");
    write("static.json", "{" + members + "}");

    var said = build();

    assertThat(said).contains("Static site (root in static.json)");
    assertThat(said.contains("not followed")).isEqualTo(ignored != null);
    if (ignored != null) {
      assertThat(said).contains("static.json: not followed here: " + ignored + " (");
    }
    assertThat(told("nginx.conf"))
        .contains("root \"%s/%s\";".formatted(app.toRealPath(), root == null ? "" : root))
        .contains("try_files $uri $uri.html $uri/ " + fallback + ";\n")
        .contains("location ~ ^/(Staticfile|static[.]json|Procfile|_headers|_redirects)$ {");
  }

  @Test
  @Tag("BLD-1")
  void a_static_json_names_the_page_for_what_is_missing() throws Exception {
    write("errors/404.html", "missing");
    write("static.json", "{\"root\": \".\", \"error_page\": \"errors/404.html\"}");
    build();
    assertThat(told("nginx.conf")).contains("error_page 404 /errors/404.html;");

    write("static.json", "{\"root\": \".\", \"error_page\": \"oops.html\"}");
    assertThat(build()).contains(" !     there is no page 'oops.html' in the top folder");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          static.json | {"root": "pages"}  | true
          static.json | {"root": 3}        | false
          static.json | ["root"]           | false
          static.json | {"root             | false
          Staticfile  | root: pages        | true
          """)
  @Tag("BLD-1")
  void a_site_is_recognised_by_what_names_its_folder(String file, String text, boolean taken)
      throws Exception {
    Files.delete(app.resolve("index.html"));
    write(file, text);

    var said =
        Bash.run(
            app,
            "CNB_BUILDPACK_DIR='%1$s' bash '%1$s/bin/detect' - '%2$s/plan' && echo taken || true"
                .formatted(BUILDPACK, layers));

    assertThat(said).isEqualTo(taken ? "taken\n" : "");
  }

  @Test
  @Tag("DEP-12")
  void a_site_with_a_password_or_of_templates_is_refused() throws Exception {
    write("static.json", "{\"root\": \".\", \"basic_auth\": true}");
    assertThat(build()).contains(" !     static.json asks for a password");

    Files.delete(app.resolve("static.json"));
    write("_config.yml", "title: hello");
    assertThat(build()).contains("Static site (index.html)");

    write("index.html", "---\nlayout: home\n---\n");
    assertThat(build())
        .contains(" !     index.html is a template of Jekyll's", "Staticfile: \"root: _site\"");

    write("_site/index.html", "hello");
    write("Staticfile", "root: _site\n");
    assertThat(build()).contains("1 file from _site");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /* /index.html 200 | spa: false | true
          /* /index.html 200 | spa: true  | false
          /a /b 301          | spa: true  | true
          """)
  @Tag("BLD-1")
  void redirects_are_said_not_to_be_followed(String line, String setting, boolean said)
      throws Exception {
    write("_redirects", line + "\n");
    write("Staticfile", setting + "\n");

    assertThat(build().contains("_redirects is not followed")).isEqualTo(said);
  }

  @Test
  @Tag("BLD-1")
  void without_a_file_of_headers_all_answers_have_the_same_four() throws Exception {
    build();

    assertThat(told("values.conf")).isEmpty();
    assertThat(told("headers.conf").replaceFirst("[0-9a-f]{32}", "HASH"))
        .isEqualTo(
            """
                add_header ETag "\\"HASH\\"" always;
                add_header Last-Modified "" always;
                add_header Cache-Control "public, max-age=0, must-revalidate" always;
                add_header X-Content-Type-Options "nosniff" always;
            """);
  }

  @Test
  @Tag("BLD-1")
  void the_last_path_that_fits_decides_on_a_header_and_quotes_stay_values() throws Exception {
    write(
        "_headers",
        """
        # for all
        /*
          X-Where: everywhere\t
        \tcache-control: no-cache

        /a.b/*.js
          x-where: a"; } return 200 \\"'; {#
        """);

    assertThat(build()).contains("Headers: 3 from _headers, for 2 paths\n");

    assertThat(told("values.conf"))
        .contains(
            """
              map $asked $header_1 {
                "~(?s)^/.*\\z" "no-cache";
                default "public, max-age=0, must-revalidate";
              }
              map $status $cache_control {
                "~^[23]" $header_1;
                default "public, max-age=0, must-revalidate";
              }
            """)
        .contains(
            """
                "~(?s)^/a[.]b/.*[.]js\\z" "a\\"; } return 200 \\\\\\"'; {#";
                "~(?s)^/.*\\z" "everywhere";
                default "";
            """);
    assertThat(told("headers.conf"))
        .contains("add_header Cache-Control $cache_control always;\n")
        .contains("add_header X-Where $header_2 always;\n")
        .doesNotContainIgnoringCase("add_header cache-control \"");
    assertThat(told("nginx.conf")).doesNotContain("add_header");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          X-A: 1                              | _headers:1: 'X-A: 1' is no path
          https://example.org/*\\n X: 1       | _headers:1: 'https://example.org/*' is no path
          /:name\\n X: 1                      | _headers:1: '/:name' has a placeholder
          /a/*/*\\n X: 1                      | _headers:1: '/a/*/*' has more than one *
          /a b\\n X: 1                        | _headers:1: a path consists of
          /a$\\n X: 1                         | _headers:1: a path consists of
          `# c\\n/a\\n/b\\n X: 1`             | _headers:2: /a has no headers
          /a                                  | _headers:1: /a has no headers
          `\\n X: 1`                          | _headers:2: 'X: 1' belongs to no path
          /a\\n X 1                           | _headers:2: 'X 1' is no header
          /a\\n ! X-Frame-Options             | _headers:2: '! X-Frame-Options' is no header
          /a\\n X;: 1                         | _headers:2: 'X;: 1' is no header
          /a\\n "X": 1                        | _headers:2: '"X": 1' is no header
          /a\\n X:                            | _headers:2: X has no value
          /a\\n X: $request_uri               | _headers:2: the value of X has a tab or a $
          /a\\n X: a\\tb                      | _headers:2: the value of X has a tab or a $
          /a\\n X: a\\rb                      | _headers:2: there is a character other than ASCII's
          /a\\n X: ä                          | _headers:2: there is a character other than ASCII's
          /a\\n X: \\0                        | _headers is no text
          /a\\n content-length: 3             | _headers:2: content-length is the server's to say
          /a\\n Location: /b                  | _headers:2: Location is the server's to say
          /a\\n Content-Type: text/x          | _headers:2: Content-Type is the server's to say
          /a\\n X: 1\\n # c\\n x: 2           | _headers:4: x is there twice for /a
          """)
  @Tag("DEP-12")
  void headers_that_cannot_be_followed_are_refused_with_their_line(String text, String cause)
      throws Exception {
    write("_headers", text.translateEscapes() + "\n");

    assertThat(build()).contains(" !     " + cause).contains(" !     Try: ");
  }

  @Test
  @Tag("DEP-12")
  void headers_are_bounded() throws Exception {
    write("_headers", lines(101, "/%d\n X: 1\n"));
    assertThat(build()).contains("_headers:201: there are more than 100 paths");

    write("_headers", "/*\n" + lines(201, " X%d: 1\n"));
    assertThat(build()).contains("_headers:202: there are more than 200 headers");

    write("_headers", "/*\n X: " + "x".repeat(2000) + "\n");
    assertThat(build()).contains("_headers:2: X has more than 2000 characters");

    write("_headers", lines(5, "/%1$d\n X%1$d: " + "x".repeat(1800) + "\n"));
    assertThat(build()).contains("_headers: one answer may get 9", "more than 8000");

    write("_headers", lines(5, "/%d\n X: " + "x".repeat(1800) + "\n"));
    assertThat(build()).contains("Headers: 5 from _headers, for 5 paths");

    write("_headers", "#".repeat(65537));
    assertThat(build()).contains("_headers has more than 64 kB");
  }

  private static String lines(int count, String form) {
    return IntStream.range(0, count).mapToObj(form::formatted).collect(Collectors.joining());
  }

  @Test
  @Tag("BLD-1")
  void headers_belong_into_the_folder_that_is_served() throws Exception {
    Files.delete(app.resolve("index.html"));
    write("public/index.html", "hello");
    write("_headers", "/*\n X: 1\n");
    assertThat(build()).contains("_headers is not used: it belongs into public");

    write("public/_headers", "/*\n X\n");
    assertThat(build()).contains(" !     public/_headers:2: 'X' is no header");
  }
}
