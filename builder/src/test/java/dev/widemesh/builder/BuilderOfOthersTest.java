package dev.widemesh.builder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
@Tag("BLD-11")
@Tag("nightly")
class BuilderOfOthersTest {
  /// Of `publish`.
  private static final int NO_GO = 3;

  /// What each run of a lifecycle begins with.
  private static final String RUNS = "Looking at the image before";

  @TempDir static Path folder;
  private static RunningRegistry theirs;
  private static Workshop workshop;
  private static Docker docker;
  private static String site;

  @BeforeAll
  static void open() throws Exception {
    theirs = RunningRegistry.in(folder.resolve("theirs"));
    var elsewhere =
        new Workshop.Elsewhere(Set.of(), Set.of(theirs.registry().address()), Optional.empty());
    workshop = new Workshop(folder, BuildLimits.USUAL, elsewhere);
    docker =
        Docker.loggedIn(
            folder.resolve("theirs-docker"),
            theirs.registry().address(),
            RunningRegistry.PUSHER,
            RunningRegistry.PASSWORD);
    var built = workshop.build(workshop.job("site", workshop.checkout("static/fixture/site")));
    site = base(built);
    publish(site, "builder", image("run"));
    publish(site, "mirrored", image("nowhere"), image("gone"), image("run"));
    publish(site, "runless", image("nowhere"), image("gone"));
    derive("plain", "FROM " + site + "\nLABEL a=b\n");
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
      for (var name :
          List.of("run", "builder", "mirrored", "runless", "plain", "zstd", "newer", "moved")) {
        docker.run("rmi", "-f", image(name));
      }
    }
    if (theirs != null) {
      theirs.close();
    }
  }

  private static String image(String name) {
    return theirs.registry().address() + "/acme/" + name + ":1";
  }

  /// The run image and its mirrors, as the builder names them; what is pushed is `run`.
  private static void publish(String base, String builder, String... runs) throws Exception {
    var argv = new ArrayList<>(List.of("src/test/stock/publish", base, image(builder)));
    argv.addAll(List.of(runs));
    var said = folder.resolve("published");
    var start = new ProcessBuilder(argv).redirectErrorStream(true).redirectOutput(said.toFile());
    start.environment().put("CACHE", Workshop.CACHE.toString());
    start.environment().put("DOCKER_CONFIG", docker.config().toString());
    start.environment().put("RUN_AS", image("run"));
    var process = start.start();
    try {
      assertThat(process.waitFor(15, TimeUnit.MINUTES)).as("it ends in time").isTrue();
      var text = Files.readString(said).strip();
      assumeTrue(process.exitValue() != NO_GO, text);
      assertThat(process.exitValue()).as(text).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private static void derive(String name, String dockerfile) throws Exception {
    var context = Files.createDirectories(folder.resolve(name));
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
        .contains(RUNS)
        .contains("tools were kept", "shown stays in the image")
        .containsPattern("Moved .* in 1 of \\d+ layers");
    try (var running = workshop.run(changed)) {
      assertThat(running.get("/").body().strip()).isEqualTo("blue x bye");
    }

    var third = job("builder", "words", app, Optional.of(changed));
    var same = workshop.build(third);

    assertThat(workshop.output(third)).contains("nothing built").doesNotContain(RUNS);
    assertThat(same.image()).isEqualTo(changed.image());
    assertThat(same.reused()).isTrue();
  }

  @Test
  @Tag("BLD-10")
  void of_what_the_image_was_made_is_noted() throws Exception {
    var built = workshop.build(job("builder", "noted", app("noted"), Optional.empty()));

    var making = new Makings(folder.resolve("builder/made")).of(built.image()).orElseThrow();
    try (var owner = new TheirImages(theirs)) {
      assertThat(making.materials())
          .containsExactly(
              Making.base(owner.pinned("acme/builder", "1")),
              Making.base(owner.pinned("acme/run", "1")));
    }
    assertThat(making.settings()).containsExactly("BP_COLOUR");
    assertThat(making.formula()).isEqualTo("buildpack");
  }

  @Test
  void a_mirror_does_where_the_run_image_itself_does_not_come() throws Exception {
    var first = job("mirrored", "mirrored", app("far"), Optional.empty());
    var built = workshop.build(first);
    assertThat(workshop.output(first)).contains("Run image from its mirror " + image("run"));
    try (var running = workshop.run(built)) {
      assertThat(running.get("/").body().strip()).isEqualTo("blue x far");
    }

    // It is the same image, from wherever it comes.
    try (var owner = new TheirImages(theirs)) {
      owner.copy("acme/run", "acme/nowhere");
      var again = workshop.build(job("mirrored", "mirrored", app("far"), Optional.of(built)));
      assertThat(again.reused()).isTrue();
      owner.remove("acme/nowhere", "1");
    }
  }

  /// What the engine of this machine cannot unpack is told so.
  @Test
  void layers_packed_with_zstd_are_for_the_engine_to_unpack() throws Exception {
    try (var owner = new TheirImages(theirs)) {
      owner.copyWithZstd("acme/builder", "acme/zstd");
    }
    var engine = docker.succeed("version", "--format", "{{.Server.Version}}");
    var job = job("zstd", "zstd", app("packed"), Optional.empty());
    if (Integer.parseInt(engine.replaceFirst("\\D.*", "")) >= 23) {
      assertThat(workshop.build(job).reused()).isFalse();
    } else {
      var refused = workshop.refuse(job);
      assertThat(refused.summary()).contains(image("zstd"), "zstd takes Docker 23 or newer");
    }
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

  /// As `pack rebase` does it, outside of the platform.
  @Test
  void an_image_of_our_own_buildpacks_moves_to_a_newer_base_without_a_build() throws Exception {
    derive("newer", "FROM " + bare() + "\nUSER root\nRUN echo newer >/etc/newer\nUSER 1000:1000\n");
    docker.succeed("tag", site, image("moved"));
    docker.succeed("push", "-q", image("moved"));
    docker.succeed("rmi", image("moved"));

    rebase("moved", "newer");

    docker.succeed("pull", "-q", image("moved"));
    assertThat(docker.succeed("run", "--rm", image("moved"), "cat", "/etc/newer"))
        .isEqualTo("newer");
    assertThat(docker.succeed("run", "--rm", image("moved"), "cat", "index.html"))
        .isEqualTo(docker.succeed("run", "--rm", site, "cat", "index.html"));
  }

  /// What the site stands on, and nothing else.
  private static String bare() throws Exception {
    var format = "{{index .Config.Labels \"io.buildpacks.lifecycle.metadata\"}}";
    var label = Json.MAPPER.readTree(docker.succeed("inspect", "-f", format, site));
    var run = label.at("/runImage/reference").asText();
    var ours = workshop.registry.registry().address();
    var pusher =
        Docker.loggedIn(
            folder.resolve("ours-base"), ours, RunningRegistry.PUSHER, RunningRegistry.PASSWORD);
    pusher.succeed("pull", "-q", ours + "/" + run);
    return ours + "/" + run;
  }

  /// As `publish` has compiled it.
  private static String lifecycle() throws IOException {
    try (var folders = Files.newDirectoryStream(Workshop.CACHE, "cnb-lifecycle-*")) {
      return folders.iterator().next().resolve("lifecycle").toString();
    }
  }

  private static void rebase(String image, String base) throws Exception {
    var login = RunningRegistry.PUSHER + ":" + RunningRegistry.PASSWORD;
    var basic = "Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8));
    var report = folder.resolve("report.toml").toString();
    var said = folder.resolve("rebase.out");
    var start =
        new ProcessBuilder(
            lifecycle(),
            "rebase",
            "-force",
            "-report",
            report,
            "-run-image",
            image(base),
            image(image));
    var auth = Map.of(theirs.registry().address(), basic);
    start
        .environment()
        .putAll(Map.of("CNB_PLATFORM_API", "0.13", "CNB_REGISTRY_AUTH", Json.write(auth)));
    var process = start.redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(said)).isZero();
    } finally {
      process.destroyForcibly();
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
    assertThat(runless.summary())
        .contains("the run image of the builder", "acme/nowhere:1", "nor does its mirror");

    var closed = workshop.builtBy(image("builder"), List.of(), workshop.job("closed", app("x")));
    assertThat(workshop.refuse(closed).nextStep()).contains("mesh registry login");
  }
}
