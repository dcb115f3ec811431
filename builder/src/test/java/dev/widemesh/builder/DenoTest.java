package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Apps of Deno.
@DisplayNameGeneration(ReplaceUnderscores.class)
class DenoTest {
  private static final String STACK = "deno";
  private static final String FIXTURE = "deno/fixture/web";

  @RegisterExtension static final FirstBuild FIRST = new FirstBuild(STACK, FIXTURE);

  @Test
  @Tag("BLD-1")
  void an_app_answers(Workshop workshop, Built built) throws Exception {
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).isEqualTo("hello from deno\n");
      assertThat(app.get("/environment").body())
          .isEqualTo("{\"day\":86400000,\"version\":\"2.9.5\"}");
      assertThat(app.exec("ls", "/layers/widemesh_deno")).isEqualTo("deno\nmodules");
    }
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-10")
  void the_same_commit_is_the_same_image_wherever_it_is_built(Built built) throws Exception {
    assertThat(FIRST.elsewhere().image()).isEqualTo(built.image());
  }

  /// A package.json asks for a folder node_modules.
  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  @Tag("BLD-9")
  void dependencies_of_package_json_lie_in_a_layer_too(Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.writeString(checkout.resolve("deno.json"), "{}\n");
    Files.writeString(
        checkout.resolve("package.json"),
        """
        {
          "scripts": {
            "build": "echo from package.json > page.txt",
            "start": "deno serve --allow-all main.ts"
          },
          "dependencies": { "ms": "^2.1.3" }
        }
        """);
    Workshop.replace(
        checkout.resolve("deno.lock"),
        "\"dependencies\": [\n      \"npm:ms@^2.1.3\"\n    ]",
        "\"packageJson\": {\n      \"dependencies\": [\n        \"npm:ms@^2.1.3\"\n      ]\n    }");
    var once = workshop.build(workshop.job("node-modules", checkout));
    try (var app = workshop.run(once)) {
      assertThat(app.get("/").body()).isEqualTo("hello from package.json\n");
    }

    Workshop.replace(checkout.resolve("main.ts"), "`hello ", "`bye ");
    var again = workshop.job("node-modules", checkout, Optional.of(once));
    try (var app = workshop.run(workshop.build(again))) {
      assertThat(app.get("/").body()).isEqualTo("bye from package.json\n");
    }
    assertThat(workshop.output(again)).containsPattern("Moved \\d+ (kB|B) in 1 of 5 layers");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          deno.json | ms@^2.1.3      | ms@^2.1.2           | deno.lock is out of step with what the app imports
          deno.json | npm:ms         | npm:@widemesh/does-not-exist | the npm registry has no package @widemesh/does-not-exist
          deno.json | echo from deno | false               | the task build failed with exit code 1
          main.ts   | from "ms"      | from "./nowhere.ts" | nowhere.ts does not exist, and main.ts:1 imports it
          main.ts   | from "ms"      | from "https://127.0.0.1:9/ms.ts" | 127.0.0.1:9 did not answer
          """)
  @Tag("nightly")
  @Tag("DEP-12")
  void what_cannot_be_built_is_named(
      String file, String from, String to, String cause, Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Workshop.replace(checkout.resolve(file), from, to);

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary()).isEqualTo(cause);
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void another_deno_is_what_its_file_says(Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.writeString(checkout.resolve(".deno-version"), "2.5.x\n");

    try (var app = workshop.run(workshop.build(workshop.job("older-deno", checkout)))) {
      assertThat(app.get("/environment").body()).contains("\"version\":\"2.5.");
    }
  }
}
