package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.ProcessType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rust apps of several packages.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
class RustTest {
  private static final String STACK = "rust";
  private static final String FIXTURE = "rust/fixture/shop";
  private static final String MAIN = "web/src/main.rs";

  @RegisterExtension static final FirstBuild FIRST = new FirstBuild(STACK, FIXTURE);

  @Test
  @Tag("BLD-1")
  void an_app_answers(Workshop workshop, Job first, Built built) throws Exception {
    assertThat(workshop.output(first)).contains("Crates compiled: 8, reused: 0");
    assertThat(built.processes()).containsExactly(new ProcessType("web", null, List.of("web")));
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).isEqualTo("<h1>hello from rust</h1>\n");
      assertThat(app.get("/price").body()).isEqualTo("42");
      assertThat(app.exec("find", "/workspace", "-type", "f"))
          .isEqualTo("/workspace/templates/home.html");
      assertThat(app.exec("ls", "/workspace/target/release")).isEqualTo("clock\nweb");
      assertThat(app.exec("ls", "/layers/widemesh_rust")).isEqualTo("app");
    }
  }

  /// Even when it has the size of the one before.
  @Test
  @Tag("BLD-9")
  void a_crate_that_others_use_is_compiled_anew_when_it_changes(Workshop workshop, Built built)
      throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Workshop.replace(checkout.resolve("prices/src/lib.rs"), "price * 2", "price * 3");
    var job = workshop.job(STACK, checkout, Optional.of(built));

    try (var app = workshop.run(workshop.build(job))) {
      assertThat(app.get("/price").body()).isEqualTo("63");
    }
    assertThat(workshop.output(job)).contains("Crates compiled: 2, reused: 6");
  }

  @Test
  @Tag("BLD-10")
  void the_same_commit_is_the_same_image_wherever_it_is_built(Built built) throws Exception {
    assertThat(FIRST.elsewhere().image()).isEqualTo(built.image());
  }

  @Test
  @Tag("BLD-4")
  void a_procfile_finds_the_programs_where_cargo_puts_them(Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.writeString(
        checkout.resolve("Procfile"), "web: ./target/release/web\nclock: target/release/clock\n");
    var named = workshop.build(workshop.job(STACK, checkout));

    assertThat(named.processes())
        .extracting(ProcessType::type)
        .containsExactlyInAnyOrder("web", "clock");
    try (var app = workshop.run(named)) {
      assertThat(app.get("/price").body()).isEqualTo("42");
      assertThat(app.exec("target/release/clock")).startsWith("it is ");
    }
  }

  /// What the repository brings along needs no registry.
  @Test
  @Tag("BLD-1")
  void crates_of_the_repository_are_used(Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.createDirectories(checkout.resolve(".cargo"));
    Files.writeString(
        checkout.resolve(".cargo/config.toml"),
        """
        [source.crates-io]
        replace-with = "vendored-sources"

        [source.vendored-sources]
        directory = "vendor"
        """);
    for (var crate : List.of("ascii", "chunked_transfer", "httpdate", "log")) {
      vendor(checkout, crate, "");
    }
    vendor(
        checkout,
        "tiny_http",
        """
        use std::io::{Read, Write};
        pub struct Server(std::net::TcpListener);
        pub struct Request(std::net::TcpStream);
        pub struct Response(String);
        impl Response { pub fn from_string(text: String) -> Response { Response(text) } }
        impl Request {
            pub fn url(&self) -> &str { "/price" }
            pub fn respond(mut self, answer: Response) -> std::io::Result<()> {
                let _ = self.0.read(&mut [0; 9000])?;
                let size = answer.0.len();
                write!(self.0, "HTTP/1.1 200 OK\\r\\nContent-Length: {size}\\r\\nConnection: close\\r\\n\\r\\n{}", answer.0)
            }
        }
        impl Server {
            pub fn http(at: String) -> std::io::Result<Server> { Ok(Server(std::net::TcpListener::bind(at)?)) }
            pub fn incoming_requests(&self) -> impl Iterator<Item = Request> + '_ {
                self.0.incoming().flatten().map(Request)
            }
        }
        """);
    var job = workshop.job("vendored", checkout);

    try (var app = workshop.run(workshop.build(job))) {
      assertThat(app.get("/anything").body()).isEqualTo("42");
      assertThat(app.exec("find", "/workspace", "-type", "f"))
          .isEqualTo("/workspace/templates/home.html");
    }
    assertThat(workshop.output(job)).doesNotContain("Downloading");
  }

  private static void vendor(Path checkout, String crate, String source) throws Exception {
    var lock = Files.readString(checkout.resolve("Cargo.lock"));
    var entry = lock.substring(lock.indexOf("name = \"" + crate + "\""));
    var version = entry.replaceFirst("(?s).*?version = \"([^\"]+)\".*", "$1");
    var sum = entry.replaceFirst("(?s).*?checksum = \"([^\"]+)\".*", "$1");
    var uses =
        crate.equals("tiny_http")
            ? "ascii = \"1\"\nchunked_transfer = \"1\"\nhttpdate = \"1\"\nlog = \"0.4\"\n"
            : "";
    var at = checkout.resolve("vendor/" + crate);
    Files.createDirectories(at.resolve("src"));
    Files.writeString(
        at.resolve("Cargo.toml"),
        "[package]\nname = \"%s\"\nversion = \"%s\"\nedition = \"2024\"\n[dependencies]\n%s"
            .formatted(crate, version, uses));
    Files.writeString(at.resolve("src/lib.rs"), source);
    Files.writeString(
        at.resolve(".cargo-checksum.json"), "{\"files\":{},\"package\":\"" + sum + "\"}");
  }

  /// The first source of Rust is a mirror that nobody answers for.
  @Test
  @Tag("BLD-1")
  void debians_rust_compiles_where_the_site_does_not_answer(Workshop workshop) throws Exception {
    var none = Map.of("BP_RUST_DIST_SERVER", "http://127.0.0.1:9");
    var checkout = workshop.checkout(FIXTURE);
    var job = workshop.job("debian-rust", checkout, Optional.empty(), none);
    var once = workshop.build(job);

    assertThat(workshop.output(job))
        .contains("127.0.0.1:9 did not answer: Rust 1.85.1 of Debian 13 instead");
    try (var app = workshop.run(once)) {
      assertThat(app.get("/price").body()).isEqualTo("42");
    }

    Workshop.replace(checkout.resolve(MAIN), "hello from", "bye from");
    var again = workshop.job("debian-rust", checkout, Optional.of(once), none);
    workshop.build(again);
    assertThat(workshop.output(again))
        .contains("Rust 1.85.1 (reused)", "Crates compiled: 1, reused: 7");

    Workshop.replace(checkout.resolve("Cargo.toml"), "\"1.85\"", "\"1.98\"");
    var cause = workshop.refuse(workshop.job("debian-rust", checkout, Optional.empty(), none));
    assertThat(cause.summary())
        .startsWith("127.0.0.1:9 did not answer")
        .contains("Debian's Rust 1.85.1 does not do");
  }

  @Test
  @Tag("BLD-1")
  void another_rust_is_what_its_file_says(Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.writeString(checkout.resolve("rust-toolchain.toml"), "[toolchain]\nchannel = \"1.90\"\n");
    var job = workshop.job("older-rust", checkout);
    workshop.build(job);

    assertThat(workshop.output(job))
        .contains("Rust 1.90: channel in rust-toolchain.toml", "from static.rust-lang.org");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          web/src/main.rs | Server::http(      | Server::htp(       | does not compile: web/src/main.rs:
          web/Cargo.toml  | "0.12"             | "0.11"             | Cargo.toml and Cargo.lock are out of step
          web/Cargo.toml  | [dependencies]     | [dependence        | web/Cargo.toml:7 is not right: unclosed table
          Cargo.toml      | "1.85"             | "1.400"            | there is no Rust 1.400 (rust-version in Cargo.toml)
          Cargo.lock      | 389915df           | 389915d0           | cargo build failed with exit code 101
          """)
  @Tag("DEP-12")
  void what_cannot_be_built_is_named(
      String file, String from, String to, String cause, Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Workshop.replace(checkout.resolve(file), from, to);

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary()).startsWith(cause);
  }
}
