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

/// Go apps of several commands.
@DisplayNameGeneration(ReplaceUnderscores.class)
class GoTest {
  private static final String STACK = "go";

  @RegisterExtension static final FirstBuild FIRST = new FirstBuild(STACK, "go/fixture/shop");

  @Test
  @Tag("BLD-1")
  void an_app_answers(Workshop workshop, Built built) throws Exception {
    assertThat(built.processes()).containsExactly(new ProcessType("web", null, List.of("web")));
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).isEqualTo("<h1>hello from go</h1>\n");
      assertThat(app.get("/environment").body()).startsWith("go1.25.");
      assertThat(app.exec("find", "/workspace", "-type", "f"))
          .isEqualTo("/workspace/templates/home.html");
      assertThat(app.exec("ls", "/workspace/bin", "/layers/widemesh_go"))
          .contains("clock", "web")
          .doesNotContain("modules", "compiled");
    }
  }

  @Test
  @Tag("BLD-10")
  void the_same_commit_is_the_same_image(Workshop workshop, Job first, Built built)
      throws Exception {
    assertThat(workshop.build(first).image()).isEqualTo(built.image());
  }

  @Test
  @Tag("BLD-4")
  void a_procfile_names_the_commands_and_gets_no_program_of_another_day(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("go/fixture/shop");
    Files.move(checkout.resolve("cmd/web"), checkout.resolve("cmd/site"));
    Files.createDirectories(checkout.resolve("tools/fill/v2"));
    Files.writeString(
        checkout.resolve("tools/fill/v2/main.go"),
        "package main\n\nfunc main() { println(\"filled\") }\n");
    Files.writeString(
        checkout.resolve("Procfile"), "web: bin/site\nclock: clock\nfill: ./bin/fill\n");
    Files.createDirectory(checkout.resolve("bin"));
    Files.copy(Path.of("/bin/true"), checkout.resolve("bin/site"));
    Files.writeString(checkout.resolve("bin/clock"), "#!/bin/sh\nexec clock\n");

    var job = workshop.job(STACK, checkout);
    var named = workshop.build(job);

    assertThat(workshop.output(job))
        .contains("bin/site of the repository is replaced by the program made of its sources")
        .contains("bin/clock of the repository stays: it is no compiled program");

    assertThat(named.processes())
        .extracting(ProcessType::type)
        .containsExactlyInAnyOrder("web", "clock", "fill");
    try (var app = workshop.run(named)) {
      assertThat(app.get("/").body()).isEqualTo("<h1>hello from go</h1>\n");
      assertThat(app.exec("sh", "-c", "./bin/fill 2>&1")).isEqualTo("filled");
      assertThat(app.exec("cat", "/workspace/bin/clock")).isEqualTo("#!/bin/sh\nexec clock");
    }
  }

  @Test
  @Tag("DEP-12")
  void several_commands_of_which_none_is_web_are_named(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("go/fixture/shop");
    Files.move(checkout.resolve("cmd/web"), checkout.resolve("cmd/site"));

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary()).isEqualTo("several commands can be started: clock site");
    assertThat(cause.nextStep()).contains("cmd/web", "Procfile");
  }

  /// Of two stacks, of which none has what the other compiled.
  @Test
  @Tag("nightly")
  @Tag("BLD-10")
  void c_is_compiled_along_and_the_same_commit_is_the_same_image(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("go/fixture/shop");
    Files.writeString(
        checkout.resolve("cmd/web/twice.go"),
        """
        package main

        // #include <math.h>
        // #cgo LDFLAGS: -lm
        // static int twice(int n) { return n * (int) pow(2, 1); }
        import "C"

        func init() { println(C.twice(21)) }
        """);
    var job = workshop.job("cgo", checkout);
    var built = workshop.build(job);

    assertThat(workshop.output(job)).contains("cgo is on: example.com/shop/cmd/web has C in it");
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).isEqualTo("<h1>hello from go</h1>\n");
    }
    var again = workshop.build(PlainJob.of("cgo-again", 99, job.commit()));
    assertThat(again.image().replaceFirst(".*@", ""))
        .isEqualTo(built.image().replaceFirst(".*@", ""));
  }

  @ParameterizedTest
  @CsvSource({"./cmd/web/", "./cmd/web", "./cmd/w...", "example.com/shop/cmd/web"})
  @Tag("nightly")
  @Tag("BLD-1")
  void the_configuration_names_the_commands(String named, Workshop workshop) throws Exception {
    var job = of(named, workshop);

    assertThat(workshop.build(job).processes())
        .containsExactly(new ProcessType("web", null, List.of("web")));
    assertThat(workshop.output(job))
        .contains("go build ./cmd/web\n", "BP_GO_TARGETS in the configuration")
        .doesNotContain("clock");
  }

  @Test
  @Tag("nightly")
  @Tag("DEP-12")
  void a_command_that_the_configuration_names_in_vain_is_named(Workshop workshop) throws Exception {
    assertThat(workshop.refuse(of("./cmd/web:./cmd/site", workshop)).summary())
        .isEqualTo("BP_GO_TARGETS names ./cmd/site, and there is no program (package main)");
  }

  private static Job of(String named, Workshop workshop) throws Exception {
    var settings = Map.of("BP_GO_TARGETS", named);
    var checkout = workshop.checkout("go/fixture/shop");
    return workshop.job(STACK, checkout, Optional.empty(), settings);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          cmd/web/main.go | http.HandleFunc("/", | http.Handle_("/",   | does not compile: cmd/web/main.go:17: undefined: http.Handle_
          cmd/web/main.go | "log"                | "example.org/logs"  | go.mod does not have the module of example.org/logs
          go.mod          | v1.6.0               | v1.5.0              | go.sum does not have the module of github.com/google/uuid
          go.mod          | go 1.25              | go 1.99             | Go 1.99 cannot be had here (go in go.mod is 1.99): 1.24, 1.25, 1.26 and 1.27 can
          """)
  @Tag("nightly")
  @Tag("DEP-12")
  void what_cannot_be_built_is_named(
      String file, String from, String to, String cause, Workshop workshop) throws Exception {
    var checkout = workshop.checkout("go/fixture/shop");
    Workshop.replace(checkout.resolve(file), from, to);

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary()).startsWith(cause);
  }
}
