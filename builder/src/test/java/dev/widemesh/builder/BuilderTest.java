package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Failed;
import dev.widemesh.api.BuildWire.ProcessType;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuilderTest {
  @RegisterExtension
  static final FirstBuild FIRST = new FirstBuild("shop", "nodejs/fixture/express");

  @Test
  @Tag("BLD-1")
  @Tag("BLD-4")
  @Tag("BLD-9")
  @Tag("BLD-11")
  void a_node_app_is_built_and_answers_and_the_next_build_moves_only_its_own_files(
      Workshop workshop, Built built) throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/express");

    assertThat(built.releaseCommand()).startsWith("node -e");
    assertThat(built.processes()).extracting(ProcessType::type).containsExactly("web", "worker");
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).isEqualTo("hello from express\n");
      assertThat(app.get("/environment").body())
          .isEqualTo("{\"mode\":\"production\",\"cwd\":\"/workspace\"}");
      assertThat(app.exec("id", "-u")).isEqualTo("1000");
      assertThat(app.exec("ls", "/workspace/node_modules/")).doesNotContain("is-odd");
    }

    Files.writeString(
        checkout.resolve("server.js"),
        Files.readString(checkout.resolve("server.js")).replace("hello from", "bye from"));
    Files.writeString(checkout.resolve("README"), "With one file more a build is made.");
    var second = workshop.job("shop", checkout, Optional.of(built));
    var changed = workshop.build(second);

    assertThat(changed.reused()).isFalse();
    assertThat(changed.image()).isNotEqualTo(built.image());
    assertThat(workshop.output(second))
        .contains("Dependencies unchanged (reused)")
        .contains("Layers reused: modules, node")
        .containsPattern("Moved \\d+ kB in [12] of 4 layers");
    try (var app = workshop.run(changed)) {
      assertThat(app.get("/").body()).isEqualTo("bye from express\n");
    }

    var third = workshop.job("shop", checkout, Optional.of(changed));
    var same = workshop.build(third);
    assertThat(same.reused()).isTrue();
    assertThat(same.image()).isEqualTo(changed.image());
    assertThat(workshop.output(third)).contains("nothing built");
  }

  @Test
  @Tag("BLD-1")
  void a_static_site_is_served(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("static/fixture/site");
    Files.writeString(checkout.resolve(".secret"), "no");
    Files.writeString(
        checkout.resolve("_headers"),
        """
        /*
          X-Frame-Options: DENY
          Report-To: {"group": "default"}
        /docs/
          Cache-Control: public, max-age=600
          X-Frame-Options: SAMEORIGIN
        /none/*
          Cache-Control: immutable
        """);
    try (var site = workshop.run(workshop.build(workshop.job("site", checkout)))) {
      var home = site.get("/");
      assertThat(home.body()).contains("A static site");
      assertThat(home.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
      var tag = home.headers().firstValue("etag").orElseThrow();
      assertThat(site.get("/", "If-None-Match", tag).statusCode()).isEqualTo(304);
      assertThat(site.get("/", "If-None-Match", "W/\"other\"").statusCode()).isEqualTo(200);
      assertThat(site.get("/docs/").body()).contains("Docs");
      assertThat(site.get("/docs").statusCode()).isEqualTo(301);
      assertThat(site.get("/nowhere").statusCode()).isEqualTo(404);
      assertThat(site.get("/nowhere").body()).contains("Nothing here");
      assertThat(site.get("/.secret").statusCode()).isEqualTo(404);
      assertThat(site.get("/_headers").statusCode()).isEqualTo(404);

      assertThat(header(home, "report-to")).isEqualTo("{\"group\": \"default\"}");
      assertThat(header(home, "x-frame-options")).isEqualTo("DENY");
      assertThat(header(home, "cache-control")).isEqualTo("public, max-age=0, must-revalidate");
      assertThat(header(home, "x-content-type-options")).isEqualTo("nosniff");
      assertThat(header(home, "last-modified")).isEmpty();
      for (var path : List.of("/docs/", "/%64ocs/")) {
        assertThat(header(site.get(path), "x-frame-options")).isEqualTo("SAMEORIGIN");
        assertThat(header(site.get(path), "cache-control")).isEqualTo("public, max-age=600");
      }
      var unchanged = site.get("/docs/", "If-None-Match", tag);
      assertThat(unchanged.statusCode()).isEqualTo(304);
      assertThat(header(unchanged, "x-frame-options")).isEqualTo("SAMEORIGIN");
      for (var path : List.of("/none/x", "/.secret")) {
        var missing = site.get(path);
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(header(missing, "x-frame-options")).isEqualTo("DENY");
        assertThat(header(missing, "cache-control"))
            .isEqualTo("public, max-age=0, must-revalidate");
      }
    }
  }

  private static String header(HttpResponse<String> answer, String name) {
    return String.join(" and ", answer.headers().allValues(name));
  }

  @Test
  @Tag("BLD-10")
  void the_same_commit_is_the_same_image_wherever_it_is_built(Built built) throws Exception {
    assertThat(FIRST.elsewhere().image()).isEqualTo(built.image());
  }

  @Test
  void a_push_that_was_overtaken_is_not_built(Workshop workshop) throws Exception {
    var job = workshop.job("old", workshop.checkout("static/fixture/site"));
    var behind = PlainJob.with(job, Map.of("tip", "abcdef0123456789"));

    var cause = workshop.refuse(behind);

    assertThat(cause.code()).isEqualTo("outdated");
    assertThat(cause.summary()).isEqualTo("main moved to abcdef0 while this push waited");
  }

  @Test
  @Tag("DEP-12")
  void an_app_that_nobody_knows_is_refused_with_what_to_add(Workshop workshop) throws Exception {
    var checkout = workshop.empty();
    Files.writeString(checkout.resolve("notes.txt"), "hello");

    var cause = workshop.refuse(workshop.job("unknown", checkout));

    assertThat(cause.summary()).isEqualTo("no buildpack recognises this app");
    assertThat(cause.evidence()).containsExactly("at the top: notes.txt");
    assertThat(cause.nextStep()).startsWith("add a package.json");
  }

  @Test
  @Tag("DEP-12")
  void a_package_that_does_not_exist_is_named(Workshop workshop) throws Exception {
    var checkout = workshop.empty();
    Files.writeString(
        checkout.resolve("package.json"),
        """
        {"dependencies": {"@widemesh/does-not-exist": "1.0.0"}, "scripts": {"start": "node x.js"}}
        """);

    var cause = workshop.refuse(workshop.job("shop", checkout));

    assertThat(cause.code()).isEqualTo("build-failed");
    assertThat(cause.summary()).contains("no package").contains("@widemesh/does-not-exist");
    assertThat(cause.evidence()).isNotEmpty();
  }

  @Test
  @Tag("DEP-12")
  void a_lock_file_out_of_step_is_named(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/express");
    var manifest = checkout.resolve("package.json");
    Files.writeString(
        manifest,
        Files.readString(manifest).replace("\"^5.0.0\"", "\"^5.0.0\", \"is-even\": \"1.0.0\""));

    var cause = workshop.refuse(workshop.job("shop", checkout));

    assertThat(cause.summary()).isEqualTo("package.json and package-lock.json are out of step");
    assertThat(cause.nextStep()).startsWith("npm install");
  }

  @Test
  void a_cancelled_build_stops_at_once(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/plain");
    Files.writeString(
        checkout.resolve("package.json"),
        "{\"scripts\": {\"build\": \"echo now waiting; sleep 300\"}}");
    var job = workshop.job("shop", checkout);
    var waiting = workshop.controller.firstLineWith("now waiting");
    var result = workshop.controller.start(job);
    waiting.get(2, TimeUnit.MINUTES);

    workshop.controller.cancel(job.deployment());

    assertThat(result.get(15, TimeUnit.SECONDS)).isInstanceOf(Failed.class);
  }

  @Test
  void a_build_that_is_handed_out_again_takes_the_place_of_the_one_before_it(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/plain");
    Files.writeString(
        checkout.resolve("package.json"),
        "{\"scripts\": {\"build\": \"echo first claim; sleep 300\"}}");
    var lost = workshop.job("again", checkout);
    var waiting = workshop.controller.firstLineWith("first claim");
    var _ = workshop.controller.start(lost);
    waiting.get(2, TimeUnit.MINUTES);

    var job = workshop.job("again", workshop.checkout("static/fixture/site"));
    var again = workshop.as(lost.deployment(), job);

    assertThat(workshop.controller.start(again).get(1, TimeUnit.MINUTES)).isInstanceOf(Built.class);
  }

  @Test
  @Tag("BLD-12")
  void a_build_that_takes_too_much_memory_is_told_so(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/plain");
    Files.writeString(
        checkout.resolve("package.json"),
        """
        {"scripts": {"build": "node -e 'const a=[]; while (true) a.push(Buffer.alloc(1e8, 1))'"}}
        """);

    var cause = workshop.refuse(workshop.job("shop", checkout));

    assertThat(cause.summary()).isEqualTo("the build ran out of memory (limit 2000 MB)");
  }

  @Test
  void a_procfile_that_is_a_link_is_read_inside_the_app_only(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("static/fixture/site");
    Files.createSymbolicLink(checkout.resolve("Procfile"), Path.of("/etc/hostname"));

    var cause = workshop.refuse(workshop.job("link", checkout));

    assertThat(cause.summary())
        .isEqualTo("the Procfile is a link that leads out of the app: /etc/hostname");

    Files.delete(checkout.resolve("Procfile"));
    Files.writeString(checkout.resolve("processes"), "web: serve-site\nclock: sleep 1d\n");
    Files.createSymbolicLink(checkout.resolve("Procfile"), Path.of("processes"));

    var linked = workshop.build(workshop.job("link", checkout));

    assertThat(linked.processes())
        .extracting(ProcessType::type)
        .containsExactlyInAnyOrder("web", "clock");
  }
}
