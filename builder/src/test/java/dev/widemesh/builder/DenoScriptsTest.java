package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which Deno an app gets, and how it starts.
@DisplayNameGeneration(ReplaceUnderscores.class)
class DenoScriptsTest {
  private static final Path LIB = Workshop.BUILDPACKS.resolve("deno/lib");

  @TempDir Path app;
  @TempDir Path layers;
  @TempDir Path scratch;

  private void write(String file, String text) throws Exception {
    var path = app.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          notes          | 1            | 2.9.5 the default
          .deno-version  | v2.9.5       | 2.9.5 .deno-version asks for 2.9.5
          .dvmrc         | 2            | 2.9.5 .dvmrc asks for 2
          .tool-versions | deno 2.9     | 2.9.5 .tool-versions asks for 2.9
          .tool-versions | nodejs 24    | 2.9.5 the default
          """)
  @Tag("BLD-1")
  void the_app_says_which_deno(String file, String content, String says) throws Exception {
    write(file, content);

    assertThat(run("choose_version; echo \"$deno $because\"")).contains(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"tasks": {"start": "deno run -A site.ts"}} | site.ts                | "deno", "task", "start" | site.ts
          {"tasks": {"start": {"command": "deno run -A site.ts"}}} | site.ts   | "deno", "task", "start" | site.ts
          {"tasks": {"start": "deno serve -A site.ts"}} | site.ts              | DENO_SERVE_ADDRESS=tcp:0.0.0.0:${PORT:-8080} exec deno task start | site.ts
          {"tasks": {"start": "deno serve -A --port $PORT site.ts"}} | site.ts | "deno", "task", "start" | site.ts
          {"tasks": {"dev": "deno run -A dev.ts"}}    | dev.ts main.ts         | "deno", "run", "--allow-all", "--cached-only", "main.ts" | main.ts
          {}                                          | index.ts server.ts     | "--cached-only", "server.ts" | server.ts
          {}                                          | src/main.ts            | "--cached-only", "src/main.ts" | src/main.ts
          {}                                          | main.ts=answers        | exec deno serve --allow-all --cached-only --host 0.0.0.0 --port ${PORT:-8080} main.ts | main.ts
          {}                                          | lib.ts                 | nothing says how this app starts |
          {}                                          | lib.ts Procfile        | "--cached-only", "lib.ts" | lib.ts
          {"tasks": {"start": "deno run -A *.ts"}}    | lib.ts                 | "deno", "task", "start" |
          """)
  @Tag("BLD-1")
  void how_an_app_starts(String config, String files, String says, String entry) throws Exception {
    write("deno.json", config);
    for (var each : files.split(" ", -1)) {
      write(
          each.replaceFirst("=.*", ""),
          each.endsWith("=answers")
              ? "export default { fetch() {} };"
              : each.equals("Procfile") ? "web: deno run -A lib.ts" : "serve();");
    }

    assertThat(
            run(
                """
                touch "$layers/launch.toml"
                read_tasks
                choose_start
                echo "entry=$entry"
                declare_process
                cat "$layers/launch.toml"
                """))
        .contains(says, "entry=" + (entry == null ? "" : entry) + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"tasks": {"start": "a", "build": "b"}}             | {"scripts": {"start": "c"}} | a,b
          {"tasks": {"build": "b"}}                           | {"scripts": {"start": "c"}} | c,b
          {"tasks": {"start": "a // b", /* "x": */ "y": "z",},} // , | none                 | a // b,
          {"tasks": {"start": "say \\"/* hi */\\"",}}         | none                        | say "/* hi */",
          {"tasks": {"start": }}                              | none                        | deno.jsonc is not right
          """)
  @Tag("BLD-1")
  void tasks_are_read_with_what_stands_beside_them(String config, String scripts, String says)
      throws Exception {
    write("deno.jsonc", config);
    if (!scripts.equals("none")) {
      write("package.json", scripts);
    }

    assertThat(run("read_tasks; echo \"$start_task,$build_task\"")).contains(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          error: The lockfile is out of date. Run `deno install`                          | deno.lock is out of step with what the app imports
          error: npm package '@shop/none' does not exist.                                 | the npm registry has no package @shop/none
          error: Could not find npm package 'ms' matching '^99'.                          | no version of ms@^99 exists
          error: JSR package manifest for '@std/path' failed to load. Import 'https://jsr.io/@std/path/meta.json' failed. | jsr.io did not answer
          error: Import 'https://deno.land/std/mod.ts' failed.\\n 0: client error (Connect): dns error | deno.land did not answer
          error: Module not found "file:///workspace/nope.ts".\\n at file:///workspace/main.ts:7:8 | nope.ts does not exist, and main.ts:7 imports it
          error: SyntaxError: Expression expected\\n at file:///workspace/main.ts:7:9     | main.ts:7: Expression expected
          error: something else                                                           | deno install failed with exit code 1
          """)
  @Tag("DEP-12")
  void what_deno_says_is_named(String log, String cause) throws Exception {
    Files.writeString(
        scratch.resolve("deno.log"),
        log.replace("\\n", "\n").replace("/workspace", app.toString()) + "\n");

    assertThat(run("entry=main.ts; explain_deno install 1"))
        .startsWith(" !     " + cause)
        .contains(" !     Try: ");
  }

  private String run(String script) throws Exception {
    return Bash.run(
        LIB,
        """
        export CNB_BUILDPACK_DIR="$PWD/.." scratch='%s' layers='%s'
        ( pins=$CNB_BUILDPACK_DIR/deno.tsv
        for part in say fetch layer registry version deno explain tasks modules start; do . ./$part.sh; done
        cd '%s'
        %s ) 2>&1 || true
        """
            .formatted(scratch, layers, app, script));
  }
}
