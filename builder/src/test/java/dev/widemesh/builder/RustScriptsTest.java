package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which Rust an app gets, what of it is compiled anew, and which of its programs is the web's.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RustScriptsTest {
  private static final Path LIB = Workshop.BUILDPACKS.resolve("rust/lib");
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("1980-01-01T00:00:01Z"));
  private static final String PARTS =
      "say fetch layer debian version release rust explain sources binaries compile programs start";

  @TempDir Path app;
  @TempDir Path layers;
  @TempDir Path scratch;

  @BeforeEach
  void fill() throws Exception {
    write("Cargo.toml", "[workspace]\n");
    write("web/src/main.rs", "fn main() {}\n");
    write("web/templates/home.html", "hello\n");
    Files.createDirectory(layers.resolve("compiled"));
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
          Cargo.toml          | [package]\\nrust-version = "1.70"               | 1.99.1 the newest known here
          Cargo.toml          | [workspace.package]\\nrust-version = "1.200"    | 1.200 rust-version in Cargo.toml
          rust-toolchain.toml | [toolchain]\\nchannel = "1.90.0"                | 1.90.0 channel in rust-toolchain.toml
          rust-toolchain.toml | [toolchain]\\nchannel = "1.99"                  | 1.99.1 channel in rust-toolchain.toml
          rust-toolchain.toml | [toolchain]\\nchannel = 'stable' # always       | 1.99.1 the newest stable one known here; choose another with channel in rust-toolchain.toml
          rust-toolchain.toml | [toolchain]\\nprofile = "minimal"               | 1.99.1 the newest stable one known here; choose another with channel in rust-toolchain.toml
          rust-toolchain.toml | [toolchain]\\nchannel = "nightly-2026-10-01"    | nightly-2026-10-01 channel in
          rust-toolchain.toml | [toolchain]\\nchannel = "nightly"               | it is another one each day: name a day, nightly-20
          rust-toolchain      | 1.85.1                                          | 1.85.1 channel in rust-toolchain
          rust-toolchain      | 1.85.1-x86_64-unknown-linux-gnu                 | 1.85.1 channel in rust-toolchain
          rust-toolchain.toml | [toolchain]\\nchannel = "esp"                   | Rust 'esp' cannot be had here (channel in rust-toolchain.toml)
          """)
  @Tag("BLD-1")
  void the_app_says_which_rust(String file, String content, String says) throws Exception {
    write(file, content.replace("\\n", "\n") + "\n");

    assertThat(run("choose_version; echo \"$rust $because\"")).contains(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          Cargo.toml          | [package]\\nrust-version = "1.70"      | yes
          Cargo.toml          | [package]\\nrust-version = "1.99"      | no
          rust-toolchain.toml | [toolchain]\\nchannel = "1.85"         | yes
          rust-toolchain.toml | [toolchain]\\nchannel = "stable"       | yes
          rust-toolchain.toml | [toolchain]\\nchannel = "1.90.0"       | no
          rust-toolchain      | nightly-2026-10-01                     | no
          """)
  @Tag("BLD-1")
  void debians_rust_does_where_nothing_else_is_asked_for(String file, String content, String does)
      throws Exception {
    write(file, content.replace("\\n", "\n") + "\n");

    assertThat(run("choose_version; debian_does && echo yes || echo no").strip()).isEqualTo(does);
  }

  @Test
  @Tag("BLD-9")
  void only_rust_that_differs_is_newer_than_what_was_made_of_it() throws Exception {
    write("prices/src/lib.rs", "pub fn one() {}\n");
    assertThat(newer()).hasSize(4);
    assertThat(newer()).isEmpty();

    write("prices/src/lib.rs", "pub fn two() {}\n");
    assertThat(newer()).containsExactly("prices/src/lib.rs");
  }

  /// Macros and build scripts read files of all kinds, and look into folders.
  @ParameterizedTest
  @CsvSource({"web/templates/home.html, bye", "web/src/more.rs, //", "Cargo.toml, [workspace] #"})
  @Tag("BLD-9")
  void everything_is_newer_when_what_is_not_rust_differs(String file, String text)
      throws Exception {
    newer();
    write(file, text + "\n");

    assertThat(newer()).contains("web/src/main.rs", "web/templates/home.html", file);
  }

  @Test
  @Tag("BLD-9")
  void a_file_that_went_makes_everything_newer() throws Exception {
    write("old.rs", "//\n");
    newer();
    Files.delete(app.resolve("old.rs"));

    assertThat(newer()).containsExactly("Cargo.toml", "web/src/main.rs", "web/templates/home.html");
  }

  /// Cargo goes by the time of one that `[patch]` names by its path.
  @Test
  @Tag("BLD-9")
  void a_crate_of_the_repository_that_differs_is_newer() throws Exception {
    write("vendor/log/.cargo-checksum.json", "{}");
    write("vendor/log/src/lib.rs", "//\n");
    newer();
    write("vendor/log/src/lib.rs", "// edited\n");

    assertThat(newer()).containsExactly("vendor/log/src/lib.rs");
  }

  @ParameterizedTest
  @CsvSource({"a.rs", "../gone"})
  @Tag("BLD-9")
  void a_link_that_leads_elsewhere_makes_everything_newer(String first) throws Exception {
    write("web/src/a.rs", "// one\n");
    write("web/src/b.rs", "// two\n");
    var link = app.resolve("web/src/conf.rs");
    Files.createSymbolicLink(link, Path.of(first));
    newer();
    assertThat(newer()).isEmpty();

    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("b.rs"));
    assertThat(newer()).contains("Cargo.toml", "web/src/main.rs", "web/src/a.rs", "web/src/b.rs");
    assertThat(app.resolve("web/gone")).doesNotExist();
  }

  /// The next checkout is without it, and what was made of it is kept.
  @ParameterizedTest
  @CsvSource({
    "echo 'h1 {}' >web/site.css",
    "echo '// made' >web/src/main.rs",
    "mkdir -p target; touch target/site.css",
    "ln -s main.rs web/src/made.rs"
  })
  @Tag("BLD-9")
  void everything_is_newer_after_a_build_that_wrote_beside_the_sources(String written)
      throws Exception {
    run("mark_sources; %s; notice_written".formatted(written));
    run("rm -rf target web/site.css web/src/made.rs; echo 'fn main() {}' >web/src/main.rs");

    assertThat(newer()).hasSize(3);
  }

  @Test
  @Tag("BLD-9")
  void a_lock_file_that_cargo_wrote_makes_nothing_newer() throws Exception {
    run("mark_sources; echo 'version = 4' >Cargo.lock; notice_written; rm Cargo.lock");

    assertThat(newer()).isEmpty();
  }

  private Set<String> newer() throws Exception {
    run("mark_sources");
    var found = new TreeSet<String>();
    try (var files = Files.walk(app)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        if (!Files.getLastModifiedTime(file).equals(LONG_AGO)) {
          found.add(app.relativize(file).toString());
        }
      }
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          shop/web:web,fill other/tools:dump         |            | --package shop@1.0.0 --bins
          other/web:web other/clock:clock            |            | --package web@1.0.0 --package clock@1.0.0 --bins
          other/web:web,fill other/clock:clock       | fill clock | --package web@1.0.0 --bin fill --package clock@1.0.0 --bin clock
          shop/web:web other/tools:dump              | dump       | --package tools@1.0.0 --bin dump
          shop/web:web                               | site       | there is no binary site (BP_CARGO_BINARIES)
          other/prices:                              |            | no package here is a program
          """)
  @Tag("BLD-1")
  void the_usual_programs_are_made_or_those_that_are_named(
      String packages, String named, String says) throws Exception {
    Files.writeString(scratch.resolve("metadata"), metadata(packages.split(" ", -1)));

    assertThat(
            run(
                """
                run_cargo() { cp "$scratch/metadata" "$scratch/answer"; }
                BP_CARGO_BINARIES='%s'
                find_binaries
                echo "${selection[*]}"
                """
                    .formatted(named == null ? "" : named)))
        .contains(says);
  }

  /// `shop/web:web,fill`: the package at the top, with two programs; `other/`: of its workspace.
  private static String metadata(String... packages) {
    var each = new ArrayList<String>();
    var usual = new ArrayList<String>();
    for (var text : packages) {
      var top = text.startsWith("shop/");
      var name = top ? "shop" : text.substring(text.indexOf('/') + 1, text.indexOf(':'));
      var targets = text.substring(text.indexOf(':') + 1);
      var bins =
          targets.isEmpty()
              ? List.<String>of()
              : List.of(targets.split(",", -1)).stream()
                  .map("{\"kind\": [\"bin\"], \"name\": \"%s\"}"::formatted)
                  .toList();
      each.add(
          """
          {"id": "%1$s", "name": "%1$s", "version": "1.0.0", "default_run": null,
           "manifest_path": "/w/%2$sCargo.toml", "targets": [%3$s]}
          """
              .formatted(name, top ? "" : name + "/", String.join(", ", bins)));
      if (top || !packages[0].startsWith("shop/")) {
        usual.add('"' + name + '"');
      }
    }
    return "{\"workspace_root\": \"/w\", \"workspace_default_members\": %s, \"packages\": %s}"
        .formatted(usual, each);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          clock site  | site | shop | Start: site (default-run in Cargo.toml; a Procfile overrides it)
          clock web   |      | shop | Start: web (the binary web; a Procfile overrides it)
          clock shop  |      | shop | Start: shop (it is called like the package at the top; a Procfile overrides it)
          clock       |      |      | Start: clock (the only binary; a Procfile overrides it)
          clock site  |      | shop | several binaries can be started: clock site
          """)
  @Tag("BLD-1")
  void one_program_is_the_webs(String programs, String run, String main, String says)
      throws Exception {
    var text = programs.replace(" ", "\n") + "\n";
    Files.writeString(scratch.resolve("made"), text);

    assertThat(
            run(
                "default_run='%s' main='%s'; declare_processes"
                    .formatted(run == null ? "" : run, main == null ? "" : main)))
        .contains(says);
  }

  @Test
  @Tag("BLD-1")
  void rocket_is_told_where_to_listen() throws Exception {
    write("Cargo.lock", "[[package]]\nname = \"rocket\"\nversion = \"0.5.1\"\n");
    Files.writeString(scratch.resolve("made"), "site\n");

    run("default_run= main=; declare_processes");

    assertThat(layers.resolve("launch.toml")).content().contains("ROCKET_PORT=${PORT:-8080}");
    assertThat(layers.resolve("app/env.launch/ROCKET_ADDRESS.default")).hasContent("0.0.0.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          error: no matching package named `tiny_htp` found                                  | the registry has no crate tiny_htp
          error: failed to select a version for the requirement `tiny_http = "^0.99"`         | no version fits tiny_http = "^0.99"
          error: cannot update the lock file /workspace/Cargo.lock because --locked was passed | Cargo.toml and Cargo.lock are out of step
          error: rustc 1.85.1 is not supported by the following package:\\n  icu@2.3.0 requires rustc 1.99.2 | icu@2.3.0 wants Rust 1.99.2, and this is 1.99.1
          error: package `icu v2.3.0` cannot be built because it requires rustc 1.99.2 or newer | icu v2.3.0 wants Rust 1.99.2, and this is 1.99.1
          error: failed to parse manifest at `/workspace/web/Cargo.toml`\\n\\nCaused by:\\n  no targets specified | web/Cargo.toml is not right: no targets specified
          [6] Could not resolve hostname (Could not resolve host: static.crates.io)           | static.crates.io did not answer
          warning: spurious network error (2 tries remaining): [7] Could not connect to server (Failed to connect to index.crates.io:443) | index.crates.io did not answer
          error: failed to download from `https://index.crates.io/se/rd/serde`\\n\\nCaused by:\\n  [28] Timeout was reached (Operation timed out after 20001 milliseconds) | index.crates.io did not answer
          error: failed to get `log` as a dependency of package `web v1.0.0`\\n\\nCaused by:\\n  failed to clone into: /x\\n\\nCaused by:\\n  failed to resolve address for git.example.com: Name or service not known; class=Net (12) | git.example.com did not answer
          ~   Compiling hyper-timeout v0.5.2\\n   Compiling web v1.0.0\\nerror[E0425]: cannot find value `x` in this scope\\n --> web/src/main.rs:9:5~ | does not compile: web/src/main.rs:9: cannot find value `x` in this scope
          ~   Compiling hyper-timeout v0.5.2\\nthread panicked: Connection refused~ | cargo build failed with exit code 101
          ~error: no rules expected `;`\\n   |\\n12 |     get("[6] Could not resolve host: failed to get it")~ | cargo build failed with exit code 101
          ~   Compiling hyper-timeout v0.5.2\\nerror: failed to run custom build command for `web v1.0.0 (/x)`\\n  Connection refused~ | the build script of web v1.0.0 failed
          error: error communicating with database: Connection refused (os error 111)\\n --> web/src/main.rs:9:5 | sqlx checks queries at a database, which builds do not have
          error: `SQLX_OFFLINE=true` but there is no cached data for this query, run `cargo sqlx prepare` to update the query cache\\n --> web/src/main.rs:9:5 | sqlx checks queries at a database, which builds do not have
          error: failed to run custom build command for `openssl-sys v0.9.1`\\n  Could not find directory of OpenSSL installation | openssl-sys wants OpenSSL, which builds do not have
          The system library `alsa` required by crate `alsa-sys` was not found.               | alsa-sys wants the library alsa, which builds do not have
          error: linker `clang` not found                                                     | the linker clang, which .cargo/config.toml wants, is not here
          rust-lld: error: unable to find library -lpq                                        | the library pq, which builds do not have, is wanted
          error: failed to run custom build command for `prost-build v0.13.1 (/x)`            | the build script of prost-build v0.13.1 failed
          = note: the `x86_64-unknown-linux-musl` target may not be installed                 | programs for x86_64-unknown-linux-musl cannot be made here
          error[E0425]: cannot find value `x` in this scope\\n --> web/src/main.rs:9:5         | does not compile: web/src/main.rs:9: cannot find value `x` in this scope
          error: unclosed table, expected `]`\\n --> web/Cargo.toml:7:12                       | web/Cargo.toml:7 is not right: unclosed table
          error: the package 'web' does not contain this feature: fast                        | the package 'web' does not contain this feature: fast
          thread panicked                                                                     | cargo build failed with exit code 101
          """)
  @Tag("DEP-12")
  void what_cargo_says_is_named(String log, String cause) throws Exception {
    Files.writeString(
        scratch.resolve("cargo.log"),
        log.replace("\\n", "\n").replace("/workspace", app.toString()) + "\n");

    assertThat(run("rust=1.99.1; explain_cargo build 101"))
        .startsWith(" !     " + cause)
        .contains(" !     Try: ");
  }

  private String run(String script) throws Exception {
    return Bash.run(
        LIB,
        """
        export CNB_BUILDPACK_DIR="$PWD/.." scratch='%s' layers='%s'
        exec 2>&1
        trap 'exit 0' EXIT
        pins=$CNB_BUILDPACK_DIR/rust.tsv
        for part in %s; do . ./$part.sh; done
        cd '%s'
        %s
        """
            .formatted(scratch, layers, PARTS, app, script));
  }
}
