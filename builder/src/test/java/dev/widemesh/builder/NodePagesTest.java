package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import java.nio.file.Files;
import java.util.Map;
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
        checkout.resolve("vite.config.js"), "export default { build: { outDir: 'out' } };\n");
    var cause = workshop.refuse(workshop.job("pages", checkout));
    assertThat(cause.summary()).isEqualTo("the build script made no dist/index.html");
    assertThat(cause.nextStep()).contains("Staticfile", "root: ");

    Files.writeString(checkout.resolve("Staticfile"), "root: out\n");
    Files.writeString(
        checkout.resolve("src/main.js"),
        "document.title = import.meta.env.VITE_WORD + import.meta.env.WORD;\n");
    var told = Map.of("VITE_WORD", "told to the build", "WORD", "not told");
    var job = workshop.job("pages", checkout, Optional.empty(), told);
    try (var site = workshop.run(workshop.build(job))) {
      assertThat(site.get("/").body()).contains("hello from vite");
      assertThat(site.exec("sh", "-c", "cat /workspace/out/assets/*.js"))
          .contains("told to the build")
          .doesNotContain("not told");
    }
  }
}
