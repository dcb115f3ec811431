package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.ProcessType;
import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.api.BuildWire.UsedBuildpack;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.lifecycle.BuildLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A builder image with the lifecycle of the buildpacks project and buildpacks of its own, in a
/// registry that asks for a password.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
@Tag("nightly")
class BuilderOfOthersTest {
  private static final String DETECT =
      """
      #!/usr/bin/env bash
      [[ -f words.txt ]] || exit 100
      """;

  /// Keeps one layer in its cache, another only in the image, and says what it found of both.
  private static final String BUILD =
      """
      #!/usr/bin/env bash
      set -eu
      if [[ -f fail.txt ]]; then echo 'the words are missing'; exit 1; fi
      [[ $(id -u) == 1001 && -w $HOME && ! -w /cnb && $CNB_STACK_ID == acme.stack ]]
      tools=$CNB_LAYERS_DIR/tools
      if [[ -f $tools/bin/serve ]]; then
        echo 'tools were kept'
      else
        echo 'tools are made'
        mkdir -p "$tools/bin" "$tools/env.launch"
        cp "$CNB_BUILDPACK_DIR/serve" "$tools/bin/serve"
        printf x >"$tools/env.launch/ONCE.append"
      fi
      printf '[types]\\nlaunch = true\\nbuild = true\\ncache = true\\n' >"$tools.toml"
      shown=$CNB_LAYERS_DIR/shown
      if [[ -f $shown.toml ]]; then
        echo 'shown stays in the image'
      else
        mkdir -p "$shown/env"
        printf %s "${BP_COLOUR:-grey}" >"$shown/env/COLOUR"
      fi
      printf '[types]\\nlaunch = true\\n[metadata]\\nof = "one"\\n' >"$shown.toml"
      printf '{"bill": 1}' >"$CNB_LAYERS_DIR/shown.sbom.cdx.json"
      cat >"$CNB_LAYERS_DIR/launch.toml" <<'END'
      [[labels]]
      key = "acme.flavour"
      value = "sour"
      [[labels]]
      key = "dev.widemesh.platform"
      value = "stolen"
      [[processes]]
      type = "web"
      command = ["serve"]
      default = true
      [[processes]]
      type = "clock"
      command = ["sleep", "60"]
      END
      """;

  private static final String SERVE =
      """
      #!/usr/bin/env bash
      set -eu
      mkdir -p /tmp/site
      echo "$COLOUR $ONCE $(cat /workspace/words.txt) ${SAYS:-}" >/tmp/site/index.html
      cat >/tmp/site.conf <<END
      daemon off; pid /tmp/nginx.pid; events {}
      http {
        access_log off; client_body_temp_path /tmp/1; proxy_temp_path /tmp/2;
        fastcgi_temp_path /tmp/3; uwsgi_temp_path /tmp/4; scgi_temp_path /tmp/5;
        server { listen $PORT; root /tmp/site; }
      }
      END
      exec /usr/sbin/nginx -e stderr -c /tmp/site.conf
      """;

  private static final Map<String, String> FILES =
      Map.of(
          "buildpacks/acme_words/1/buildpack.toml",
          """
          api = "0.10"
          [buildpack]
          id = "acme/words"
          version = "1"
          sbom-formats = ["application/vnd.cyclonedx+json"]
          [[targets]]
          os = "linux"
          """,
          "buildpacks/acme_words/1/bin/detect",
          DETECT,
          "buildpacks/acme_words/1/bin/build",
          BUILD,
          "buildpacks/acme_words/1/serve",
          SERVE,
          "order.toml",
          "[[order]]\n[[order.group]]\nid = \"acme/words\"\nversion = \"1\"\n");

  @TempDir static Path folder;
  private static RunningRegistry theirs;
  private static Workshop workshop;
  private static Docker docker;

  @BeforeAll
  static void open() throws Exception {
    var cnb = CnbLifecycle.get(Workshop.CACHE);
    theirs = RunningRegistry.in(folder.resolve("theirs"));
    var elsewhere =
        new Workshop.Elsewhere(Set.of(), Set.of(theirs.registry().address()), Optional.empty());
    workshop = new Workshop(folder, BuildLimits.USUAL, elsewhere);
    var site = workshop.build(workshop.job("site", workshop.checkout("static/fixture/site")));
    docker =
        Docker.loggedIn(
            folder.resolve("theirs-docker"),
            theirs.registry().address(),
            RunningRegistry.PUSHER,
            RunningRegistry.PASSWORD);
    var base = base(site);
    publish("run", "FROM " + base + "\nUSER 1002:1000\nENTRYPOINT []\n");
    publish("builder", builder(base, cnb, label("acme/run")));
    publish("runless", builder(base, cnb, label("acme/nowhere")));
    publish("plain", "FROM " + base + "\nLABEL a=b\n");
  }

  /// Debian, as it is in the engine after a build.
  private static String base(Built site) throws Exception {
    var ours = workshop.registry.registry().address();
    var reader =
        Docker.loggedIn(
            folder.resolve("ours-docker"), ours, RunningRegistry.READER, RunningRegistry.PASSWORD);
    var image = ours + "/" + site.image();
    reader.succeed("pull", "-q", image);
    return image;
  }

  @AfterAll
  static void close() throws Exception {
    if (workshop != null) {
      workshop.close();
      for (var name : List.of("run", "builder", "runless", "plain")) {
        docker.run("rmi", "-f", image(name));
      }
      theirs.close();
    }
  }

  private static String image(String name) {
    return theirs.registry().address() + "/acme/" + name + ":1";
  }

  private static String label(String run) {
    var image = Map.of("image", theirs.registry().address() + "/" + run + ":1");
    var supported = List.of("0.7", "0.12", "0.13", "0.14");
    return Json.write(
        Map.of(
            "stack", Map.of("runImage", image),
            "images", List.of(image),
            "lifecycle",
                Map.of(
                    "version",
                    CnbLifecycle.VERSION,
                    "apis",
                    Map.of("platform", Map.of("supported", supported)))));
  }

  private static String builder(String base, CnbLifecycle cnb, String label) throws IOException {
    var root = Files.createDirectories(folder.resolve("context/cnb"));
    for (var file : FILES.entrySet()) {
      write(root.resolve(file.getKey()), file.getValue());
    }
    write(root.resolve("run.toml"), "[[images]]\nimage = \"" + image("run") + "\"\n");
    var lifecycle = Files.createDirectories(root.resolve("lifecycle"));
    for (var program : List.of(cnb.lifecycle(), cnb.launcher())) {
      var copy = lifecycle.resolve(program.getFileName());
      if (!Files.exists(copy)) {
        Files.copy(program, copy);
      }
    }
    return """
        FROM %s
        USER root
        COPY cnb /cnb
        RUN ln -s lifecycle /cnb/lifecycle/creator && chmod -R a+rX /cnb
        ENV CNB_USER_ID=1001 CNB_GROUP_ID=1000 CNB_STACK_ID=acme.stack
        LABEL io.buildpacks.builder.metadata='%s'
        USER 1001:1000
        """
        .formatted(base, label);
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    var program = file.toString().contains("/bin/") || file.endsWith("serve");
    Files.setPosixFilePermissions(
        file, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private static void publish(String name, String dockerfile) throws Exception {
    var context = Files.createDirectories(folder.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), dockerfile);
    docker.succeed("build", "-q", "-t", image(name), context.toString());
    docker.succeed("push", "-q", image(name));
    docker.succeed("rmi", image(name));
  }

  private static Path app(String words) throws IOException {
    var app = workshop.empty();
    Files.writeString(app.resolve("words.txt"), words);
    return app;
  }

  private static Job job(String builder, String stack, Path app, Optional<Built> previous) {
    var login =
        new RegistryLogin(
            theirs.registry().address(), RunningRegistry.READER, RunningRegistry.PASSWORD);
    return workshop.builtBy(
        image(builder),
        List.of(login),
        workshop.job(stack, app, previous, Map.of("BP_COLOUR", "blue")));
  }

  @Test
  void an_app_is_built_answers_and_a_change_makes_only_what_it_must() throws Exception {
    var app = app("hello");
    var first = job("builder", "words", app, Optional.empty());
    var built = workshop.build(first);

    assertThat(workshop.output(first)).contains("tools are made", "Building", "Builder ");
    assertThat(built.processes())
        .containsExactly(new ProcessType("web", null, List.of("/cnb/process/web")));
    assertThat(built.used()).extracting(UsedBuildpack::id).containsExactly("acme/words");
    assertThat(built.used()).extracting(UsedBuildpack::from).containsExactly(image("builder"));
    var labels =
        workshop
            .registry
            .exporter(folder.resolve("cache"))
            .inspect(built.image())
            .settings()
            .labels();
    assertThat(labels)
        .containsEntry("acme.flavour", "sour")
        .doesNotContainKey("dev.widemesh.platform");
    try (var running = workshop.run(built)) {
      assertThat(running.get("/").body().strip()).isEqualTo("blue x hello");
      assertThat(running.exec("id", "-u")).isEqualTo("1002");
    }

    Files.writeString(app.resolve("words.txt"), "bye");
    var second = job("builder", "words", app, Optional.of(built));
    var changed = workshop.build(second);

    assertThat(workshop.output(second))
        .contains("tools were kept", "shown stays in the image")
        .containsPattern("Moved .* in 1 of \\d+ layers");
    try (var running = workshop.run(changed)) {
      assertThat(running.get("/").body().strip()).isEqualTo("blue x bye");
    }

    var third = job("builder", "words", app, Optional.of(changed));
    var start = System.nanoTime();
    var same = workshop.build(third);
    var took = Duration.ofNanos(System.nanoTime() - start);
    assertThat(workshop.output(third)).contains("nothing built");
    assertThat(same.image()).isEqualTo(changed.image());
    assertThat(same.reused()).isTrue();
    assertThat(took).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void a_procfiles_commands_run_in_the_environment_that_the_buildpacks_made() throws Exception {
    var app = app("procfile");
    Files.writeString(app.resolve("Procfile"), "web: SAYS=\"told $COLOUR\" serve\n");
    var built = workshop.build(job("builder", "procfile", app, Optional.empty()));

    assertThat(built.processes()).hasSize(1);
    try (var running = workshop.run(built)) {
      assertThat(running.get("/").body().strip()).isEqualTo("blue x procfile told blue");
    }
  }

  @Test
  void what_cannot_be_built_is_told_with_what_to_do() throws Exception {
    var strange = workshop.empty();
    Files.writeString(strange.resolve("numbers.txt"), "1");
    var unknown = workshop.refuse(job("builder", "strange", strange, Optional.empty()));
    assertThat(unknown.summary())
        .isEqualTo(
            "no buildpack of the builder %s recognises this app".formatted(image("builder")));
    assertThat(unknown.nextStep()).contains("set-builder");

    var failing = app("no");
    Files.writeString(failing.resolve("fail.txt"), "");
    var failed = workshop.refuse(job("builder", "failing", failing, Optional.empty()));
    assertThat(failed.summary()).contains("a buildpack of the builder").contains("could not build");
    assertThat(failed.evidence()).anyMatch(line -> line.contains("the words are missing"));

    var plain = workshop.refuse(job("plain", "plain", app("x"), Optional.empty()));
    assertThat(plain.summary())
        .contains("is no builder (it lacks the label io.buildpacks.builder.metadata)");

    var runless = workshop.refuse(job("runless", "runless", app("x"), Optional.empty()));
    assertThat(runless.summary()).contains("the run image of the builder", "acme/nowhere:1");

    var closed = workshop.builtBy(image("builder"), List.of(), workshop.job("closed", app("x")));
    assertThat(workshop.refuse(closed).nextStep()).contains("mesh registry login");
  }
}
