package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which programs of a Go app are compiled.
@DisplayNameGeneration(ReplaceUnderscores.class)
class GoScriptsTest {
  private static final Path LIB = Workshop.BUILDPACKS.resolve("go/lib");

  @TempDir Path app;
  @TempDir Path layers;
  @TempDir Path scratch;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ./server ./cmd/migrate         | clock: date                             | ./cmd/migrate packages main at the top and below cmd; choose
          ./server ./cmd/migrate         | web: bin/server                         | ./cmd/migrate ./server packages main at the top and below cmd, and what the Procfile names; choose
          . ./worker ./examples/seed     | web: shop\\nworker: ./bin/worker --all  | . ./worker packages
          . ./tools/fill ./tools/dump    | release: A=1 exec fill && bin/migrate   | . ./tools/fill packages
          . ./tools/fill ./tools/dump    | release: sh -c "dump; shop"             | . ./tools/dump packages
          . ./worker                     | web: shop --mode worker                 | . packages main at the top and below cmd; choose
          ./cmd/worker ./examples/worker | worker: bin/worker                      | ./cmd/worker packages main at the top and below cmd; choose
          ./site ./clock                 | web: site                               | ./site ./clock packages main wherever they are; choose
          """)
  @Tag("BLD-4")
  void what_the_procfile_starts_is_compiled(String packages, String procfile, String says)
      throws Exception {
    write("go.mod", "module example.com/shop\n");
    write("Procfile", procfile.replace("\\n", "\r\n") + "\n");

    assertThat(
            run(
                """
                work_file=
                programs() { for each in %s; do echo "$each|example.com/shop${each#.}"; done; }
                find_commands
                echo "${commands[*]} $commands_by"
                """
                    .formatted(packages)))
        .startsWith(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
                  | ./cmd/... ./worker +heroku install in go.mod; choose others with the configuration BP_GO_TARGETS
          ./other | ./other BP_GO_TARGETS in the configuration
          """)
  @Tag("BLD-1")
  void what_heroku_would_install_is_compiled_unless_the_configuration_says_otherwise(
      String setting, String says) throws Exception {
    write("go.mod", "module example.com/shop\n\n// +heroku install ./cmd/... ./worker\n");
    write("Procfile", "web: bin/else\n");

    assertThat(
            run(
                """
                work_file= BP_GO_TARGETS='%s'
                programs() { echo "$1|example.com/shop${1#.}"; }
                find_commands
                echo "${commands[*]} $commands_by"
                """
                    .formatted(setting == null ? "" : setting)))
        .isEqualTo(says + "\n");
  }

  /// As `go build` calls them.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          github.com/v2fly/app | /=github.com/v2fly/app                              | .=app of app
          example.com/shop/v2  | /=example.com/shop/v2 /cmd/web=example.com/shop/v2/cmd/web | .=shop ./cmd/web=web of shop
          example.com/shop/v1  | /=example.com/shop/v1                               | .=v1 of v1
          gopkg.in/shop.v3     | /=gopkg.in/shop.v3                                  | .=shop.v3 of shop.v3
          v2                   | /=v2                                                | .=v2 of v2
                               | /site=example.com/shop-site /clock=example.com/clock | ./clock=clock ./site=shop-site of
          """)
  @Tag("BLD-1")
  void a_program_is_called_after_its_import_path(String module, String listed, String says)
      throws Exception {
    if (module != null) {
      write("go.mod", "module " + module + "\n");
    }

    assertThat(
            run(
                """
                work_file=%s
                go() { for each in %s; do echo "$PWD${each/=/|}" | sed 's#/|#|#'; done; }
                find_commands
                for each in "${commands[@]}"; do printf '%%s=%%s ' "$each" "$(name_of "$each")"; done
                echo "of $module"
                """
                    .formatted(module == null ? "go.work" : "", listed)))
        .isEqualTo(says + (module == null ? " " : "") + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          - |                               | true  | 0 Commands
          - | example.com/sqlite            | true  | 1 cgo is on: example.com/sqlite has C in it
          - | example.com/sqlite example.com/zstd | true | 1 cgo is on: example.com/sqlite (and 1 more) has C in it
          - | example.com/sqlite            | false | 0 cgo is off: example.com/sqlite has C in it, which does not compile here (sqlite.go:3: fatal error: sqlite.h: No such file)
          0 | example.com/sqlite            | true  | 0 Commands
          1 |                               | true  | 1 Commands
          """)
  @Tag("BLD-1")
  void c_is_compiled_along_where_it_can_be_unless_the_configuration_says_otherwise(
      String setting, String packages, boolean compiles, String says) throws Exception {
    var output =
        run(
            """
            BP_GO_CGO_ENABLED='%1$s' CGO_ENABLED=${BP_GO_CGO_ENABLED:-0} commands=(.)
            go() {
              case $1 in
                list) printf '%%s\\n' %2$s | sed '/^$/d' ;;
                build) echo 'sqlite.go:3: fatal error: sqlite.h: No such file'; %3$s ;;
              esac
            }
            said=$(choose_cgo; echo Commands)
            choose_cgo >"$scratch/said"
            echo "$CGO_ENABLED $(xargs <<<"$said")"
            """
                .formatted(
                    setting == null ? "" : setting, packages == null ? "" : packages, compiles));

    assertThat(output).startsWith(says);
  }

  @Test
  @Tag("DEP-12")
  void a_package_of_c_alone_is_named() throws Exception {
    Files.writeString(
        scratch.resolve("go.log"),
        "main.go:3:8: build constraints exclude all Go files in /m/github.com/acme/zstd@v1.2.0\n");

    assertThat(run("GOMODCACHE=/m CGO_ENABLED=0; explain_go build 1"))
        .startsWith(" !     github.com/acme/zstd@v1.2.0 has Go files for cgo only")
        .contains("BP_GO_CGO_ENABLED=1");
  }

  /// What Go says of the network need not name an address.
  @Test
  @Tag("DEP-12")
  void a_proxy_that_does_not_answer_is_named() throws Exception {
    Files.writeString(scratch.resolve("go.log"), "dial tcp: lookup x: no such host\n");

    assertThat(run("explain_go build 1")).startsWith(" !     the Go module proxy did not answer\n");
  }

  private void write(String file, String text) throws Exception {
    var path = app.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private String run(String script) throws Exception {
    return Bash.run(
        LIB,
        """
        export CNB_BUILDPACK_DIR="$PWD/.." scratch='%s' layers='%s'
        exec 2>&1
        trap 'exit 0' EXIT
        for part in say explain commands cgo compile programs start; do . ./$part.sh; done
        cd '%s'
        %s
        """
            .formatted(scratch, layers, app, script));
  }
}
