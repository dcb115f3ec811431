package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Node.js apps that do not say how they start.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
class NodePagesTest {
  @RegisterExtension static final FirstBuild FIRST = new FirstBuild("pages", "nodejs/fixture/vite");

  @Test
  @Tag("BLD-1")
  @Tag("BLD-9")
  @Tag("DEP-12")
  void pages_made_by_vite_are_served_as_files_and_their_image_has_nothing_else(
      Workshop workshop, Job first, Built built) throws Exception {
    assertThat(workshop.output(first))
        .contains("Start: a server of files (Vite's pages in dist")
        .contains("Static site (made by the build script)");
    try (var site = workshop.run(built)) {
      assertThat(site.get("/").body()).contains("hello from vite", "/assets/index-");
      assertThat(site.get("/deep/inside").body()).contains("hello from vite");
      assertThat(site.exec("ls", "/layers")).contains("widemesh_static");
      assertThat(site.exec("sh", "-c", "ls /layers/widemesh_nodejs /workspace || true"))
          .doesNotContain("modules", "node_modules");
    }

    var checkout = workshop.checkout("nodejs/fixture/vite");
    Files.writeString(
        checkout.resolve("index.html"),
        Files.readString(checkout.resolve("index.html")).replace("hello from", "bye from"));
    var second = workshop.job("pages", checkout, Optional.of(built));
    try (var site = workshop.run(workshop.build(second))) {
      assertThat(site.get("/").body()).contains("bye from vite");
    }
    assertThat(workshop.output(second)).contains("Dependencies unchanged (reused)");

    Files.writeString(
        checkout.resolve("vite.config.js"), "export default { build: { outDir: 'out' } };\n");
    var cause = workshop.refuse(workshop.job("pages", checkout));
    assertThat(cause.summary()).isEqualTo("the build script made no dist/index.html");
    assertThat(cause.nextStep()).contains("Staticfile", "root: ");

    Files.writeString(checkout.resolve("Staticfile"), "root: out\n");
    try (var site = workshop.run(workshop.build(workshop.job("pages", checkout)))) {
      assertThat(site.get("/").body()).contains("bye from vite");
    }
  }

  @Test
  @Tag("BLD-1")
  @Tag("BLD-9")
  void next_starts_without_a_start_script(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/next");
    var first = workshop.job("next", checkout);
    var built = workshop.build(first);

    assertThat(workshop.output(first)).contains("Next.js, without a start script");
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).contains("hello from next");
      assertThat(app.exec("ls", "/workspace/.next/")).doesNotContain("cache");
    }

    var page = checkout.resolve("app/page.js");
    Files.writeString(page, Files.readString(page).replace("hello from", "bye from"));
    var second = workshop.job("next", checkout, Optional.of(built));
    try (var app = workshop.run(workshop.build(second))) {
      assertThat(app.get("/").body()).contains("bye from next");
    }
    assertThat(workshop.output(second))
        .contains("Dependencies unchanged (reused)")
        .doesNotContain("No build cache found");
  }
}
