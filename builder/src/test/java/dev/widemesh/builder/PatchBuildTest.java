package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.builder.image.ImageConfig;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.supply.Packed;
import dev.widemesh.builder.supply.TlsHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A change that no buildpack looks at needs no build, and gives the image that one would make.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-9")
class PatchBuildTest {
  private static final String PATCHED = Pages.PATCHED;

  @TempDir static Path folder;
  private static TlsHost host;
  private static Workshop workshop;

  @BeforeAll
  static void open() throws Exception {
    host = TlsHost.start(folder);
    var elsewhere =
        new Workshop.Elsewhere(Set.of(host.name()), Set.of(), Optional.of(host.trusted()));
    workshop = new Workshop(folder, BuildLimits.USUAL, elsewhere);
    host.put("/acme.tgz", Pages.buildpack("1", "words.txt"));
    host.put("/silent.tgz", Packed.tgz(Packed.buildpack("acme/silent", "1", "exit 0", "exit 0")));
  }

  @AfterAll
  static void close() throws Exception {
    workshop.close();
    host.close();
  }

  private static Path pages() throws IOException {
    return Pages.in(workshop.empty());
  }

  private interface Change {
    void in(Path app) throws IOException;
  }

  private static Path changed(Path app, Change change) throws IOException {
    var next = workshop.empty();
    FolderSources.copy(app, next);
    change.in(next);
    return next;
  }

  private static Change write(String file, String text) {
    return app -> Files.writeString(app.resolve(file), text);
  }

  private static Job acme(String stack, Path app) {
    return workshop.with(List.of(host.url("/acme.tgz")), workshop.job(stack, app));
  }

  private static String digest(Built built) {
    return built.image().replaceFirst(".*@", "");
  }

  /// By a stack that has no image yet.
  private static String digestOfWholeBuild(Job job) throws Exception {
    var whole = workshop.of("whole-" + UUID.randomUUID(), job);
    var built = workshop.build(whole);
    assertThat(workshop.output(whole)).doesNotContain(PATCHED);
    return digest(built);
  }

  private static Built patched(Job job, String files) throws Exception {
    var built = workshop.build(job);
    assertThat(workshop.output(job))
        .contains(PATCHED + files + " put into the last image")
        .doesNotContain(Pages.BUILT);
    return built;
  }

  private static Built notPatched(Job job) throws Exception {
    var built = workshop.build(job);
    assertThat(workshop.output(job)).contains(Pages.BUILT).doesNotContain(PATCHED);
    return built;
  }

  @Test
  @Tag("BLD-10")
  void a_changed_line_of_a_node_app_goes_into_the_image_that_a_build_would_make() throws Exception {
    var app = workshop.checkout("nodejs/fixture/express");
    var first = workshop.build(workshop.job("node", app));
    var next =
        changed(app, a -> Workshop.replace(a.resolve("server.js"), "hello from", "bye from"));
    var job = workshop.job("node", next, Optional.of(first));

    var second = patched(job, "1 file");

    assertThat(workshop.output(job))
        .doesNotContain("Node.js app")
        .contains("Layers reused: modules, node")
        .containsPattern("Moved \\d+ k?B in 1 of 4 layers");
    assertThat(second.processes()).isEqualTo(first.processes());
    assertThat(second.releaseCommand()).isEqualTo(first.releaseCommand());
    assertThat(second.buildpacks()).isEqualTo(first.buildpacks());
    try (var running = workshop.run(second)) {
      assertThat(running.get("/").body()).isEqualTo("bye from express\n");
    }
    assertThat(digest(second)).isEqualTo(digestOfWholeBuild(job));

    var same = workshop.job("node", next, Optional.of(second));
    assertThat(workshop.build(same).reused()).as("it is signed").isTrue();

    var dependent =
        changed(next, a -> Workshop.replace(a.resolve("package.json"), "express\",", "other\","));
    var third = workshop.job("node", dependent, Optional.of(second));
    workshop.build(third);
    assertThat(workshop.output(third)).contains("Node.js app").doesNotContain(PATCHED);

    var again = changed(dependent, write("server.js", "require('express')\n"));
    var fourth = workshop.job("node", again);
    patched(fourth, "1 file");
  }

  @Test
  @Tag("BLD-10")
  void so_does_one_of_a_flask_app_unless_it_may_say_how_the_app_starts() throws Exception {
    var app = workshop.checkout("python/fixture/flask");
    workshop.build(workshop.job("flask", app));
    var next = changed(app, a -> Workshop.replace(a.resolve("app.py"), "hello from", "bye from"));
    var job = workshop.job("flask", next);

    assertThat(digest(patched(job, "1 file"))).isEqualTo(digestOfWholeBuild(job));

    var renamed =
        changed(
            next,
            a -> {
              Workshop.replace(a.resolve("app.py"), "app = Flask(", "web = Flask(");
              Workshop.replace(a.resolve("app.py"), "@app.", "@web.");
            });
    var other = workshop.job("flask", renamed);
    workshop.build(other);
    assertThat(workshop.output(other)).contains("Start: gunicorn app:web").doesNotContain(PATCHED);
  }

  @Test
  @Tag("BLD-2")
  @Tag("BLD-10")
  void a_buildpack_of_others_can_say_what_it_looks_at() throws Exception {
    var app = pages();
    var first = notPatched(acme("pages", app));
    var next =
        changed(
            app,
            a -> {
              Files.writeString(a.resolve("pages/index.html"), "bye");
              Files.writeString(a.resolve("bin/run"), "#!/bin/sh\necho more\n");
            });
    var second = acme("pages", next);

    var patched = patched(second, "2 files");

    assertThat(digest(patched)).isEqualTo(digestOfWholeBuild(second)).isNotEqualTo(digest(first));
    var labels = inspect(patched).settings().labels();
    assertThat(labels).containsEntry("acme.flavour", "sour");
    assertThat(labels).doesNotContainKey("dev.widemesh.build.reads");
    assertThat(labels.get("io.buildpacks.project.metadata")).contains(second.commit());

    // It is made of the same as the image that it was put into, but for the commit.
    var before = workshop.statement(first).at("/predicate/buildDefinition");
    var after = workshop.statement(patched).at("/predicate/buildDefinition");
    assertThat(after.path("buildType").asText())
        .isEqualTo("https://widemesh.dev/build/buildpack/v1");
    assertThat(after.at("/externalParameters/commit").asText()).isEqualTo(second.commit());
    assertThat(after.at("/resolvedDependencies/0/digest/gitCommit").asText())
        .isEqualTo(second.commit());
    assertThat(after.path("resolvedDependencies")).hasSize(4);
    for (var i : List.of(1, 2, 3)) {
      var dependency = after.path("resolvedDependencies").path(i);
      assertThat(dependency.at("/digest/sha256").asText()).matches("[0-9a-f]{64}");
      assertThat(dependency).isEqualTo(before.path("resolvedDependencies").path(i));
    }
    assertThat(after.at("/resolvedDependencies/3/name").asText()).isEqualTo("acme/pages");

    var third = acme("pages", changed(next, write("pages/index.html", "again")));
    assertThat(digest(patched(third, "1 file"))).isEqualTo(digestOfWholeBuild(third));
  }

  @Test
  void whatever_a_build_may_look_at_is_built() throws Exception {
    var app = pages();
    notPatched(acme("looked", app));

    var read = changed(app, write("words.txt", "two\n"));
    notPatched(acme("looked", read));
    var more = changed(read, write("more.txt", "more"));
    notPatched(acme("looked", more));
    var procfile = changed(more, write("Procfile", "web: true\n"));
    notPatched(acme("looked", procfile));
    var other = changed(procfile, write("Procfile", "web: cat pages/index.html\n"));
    assertThat(notPatched(acme("looked", other)).processes().getFirst().command())
        .isEqualTo("cat pages/index.html");
    var written = acme("looked", changed(other, write("stamped.txt", "two\n")));
    assertThat(digest(notPatched(written))).isEqualTo(digestOfWholeBuild(written));
    host.put("/acme.tgz", Pages.buildpack("1", "words.txt\\nother.txt"));
    notPatched(acme("looked", changed(other, write("stamped.txt", "three\n"))));
  }

  @Test
  void so_is_what_a_link_leads_to() throws Exception {
    var app = pages();
    Files.delete(app.resolve("words.txt"));
    Files.createSymbolicLink(app.resolve("words.txt"), Path.of("pages/index.html"));
    notPatched(acme("linked", app));

    notPatched(acme("linked", changed(app, write("pages/index.html", "two"))));
  }

  @Test
  void so_is_everything_where_one_buildpack_does_not_say_what_it_looks_at() throws Exception {
    var app = pages();
    var both = List.of(host.url("/acme.tgz"), host.url("/silent.tgz"));
    notPatched(workshop.with(both, workshop.job("silent", app)));

    var next = changed(app, write("pages/index.html", "two"));
    notPatched(workshop.with(both, workshop.job("silent", next)));
  }

  @Test
  @Tag("STK-7")
  void an_app_in_a_folder_is_patched_there_and_built_where_the_layer_is_gone() throws Exception {
    var top = workshop.empty();
    FolderSources.copy(pages(), Files.createDirectory(top.resolve("api")).resolve("."));
    notPatched(workshop.in("api", acme("folder", top)));
    var next = changed(top, write("api/pages/index.html", "two"));
    var job = workshop.in("api", acme("folder", next));
    var patched = patched(job, "1 file");
    assertThat(digest(patched)).isEqualTo(digestOfWholeBuild(job));

    var layers = inspect(patched).diffIds();
    for (var layer : layers.subList(layers.size() - 3, layers.size() - 1)) {
      deleteCompressed(layer.replace(':', '-'));
    }

    notPatched(
        workshop.in("api", acme("folder", changed(next, write("api/pages/index.html", "three")))));
  }

  private static void deleteCompressed(String layer) throws IOException {
    try (var files = Files.newDirectoryStream(Workshop.CACHE.resolve("layers"), layer + "*.gz")) {
      for (var file : files) {
        Files.delete(file);
      }
    }
  }

  private static ImageConfig inspect(Built built) throws IOException {
    return workshop.registry.exporter(folder.resolve("inspecting")).inspect(built.image());
  }
}
