package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.UsedBuildpack;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.supply.Packed;
import dev.widemesh.builder.supply.TlsHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

/// Buildpacks that are nobody's here, as their authors write them, in real builds.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
@Tag("BLD-3")
class BuildpacksOfOthersTest {
  private static final String HERE = "./buildpacks/mine";

  @TempDir static Path folder;
  private static TlsHost host;
  private static Workshop workshop;

  /// Of API 0.7: all it needs comes as arguments, and a command is a line for the shell.
  private static final Map<String, String> MINE =
      Map.of(
          "buildpack.toml",
          """
          api = "0.7"
          [buildpack]
          id = "me/mine"
          version = "first"
          [[stacks]]
          id = "*"
          """,
          "bin/detect",
          """
          #!/usr/bin/env bash
          set -eu
          [[ -f words.txt ]] || exit 100
          printf '[[provides]]\\nname = "words"\\n[[or]]\\n[[or.provides]]\\nname = "nothing"\\n' >"$2"
          """,
          "bin/build",
          """
          #!/usr/bin/env bash
          set -eu
          mkdir -p "$1/one/env"
          printf one >"$1/one/env/WORDS"
          printf '[types]\\nlaunch = true\\nbuild = true\\n' >"$1/one.toml"
          grep -q 'name = "words"' "$3"
          [[ $(id -u) == 1000 && ! -w ${0%/*} ]]
          """);

  private static final Map<String, String> TWO =
      Packed.buildpack(
          "acme/two",
          "2.0",
          "printf '[[requires]]\\nname = \"words\"\\n' >\"$CNB_BUILD_PLAN_PATH\"",
          """
          [[ $WORDS == one && $BP_COLOUR == blue && $(cat "$CNB_PLATFORM_DIR/env/BP_COLOUR") == blue ]]
          layer=$CNB_LAYERS_DIR/two
          if [[ -d $layer ]]; then
            [[ $(cat "$layer.sbom.cdx.json") == '{"bill": 2}' ]]
            echo 'two came with its bill'
          fi
          mkdir -p "$layer/env"
          printf '{"bill": 2}' >"$layer.sbom.cdx.json"
          printf two >"$layer/env/WORDS.append"
          printf + >"$layer/env/WORDS.delim"
          printf '[types]\\nlaunch = true\\nbuild = true\\ncache = true\\n' >"$layer.toml"
          """);

  private static final Map<String, String> THREE =
      Packed.buildpack(
          "acme/three",
          "1",
          "exit 0",
          """
          mkdir -p "$CNB_LAYERS_DIR/three/exec.d"
          cat >"$CNB_LAYERS_DIR/three/exec.d/say" <<'END'
          #!/bin/sh
          echo 'FROM_EXEC = "exec"' >&3
          END
          chmod +x "$CNB_LAYERS_DIR/three/exec.d/say"
          printf '[types]\\nlaunch = true\\n' >"$CNB_LAYERS_DIR/three.toml"
          """);

  private static final Map<String, String> FOUR =
      Packed.buildpack(
          "acme/four",
          "1",
          "exit 0",
          """
          printf '{"bill": 4}' >"$CNB_LAYERS_DIR/launch.sbom.spdx.json"
          printf '[metadata]\nseen = "words"\n' >"$CNB_LAYERS_DIR/store.toml"
          printf '{"bill": 0}' >"$CNB_LAYERS_DIR/build.sbom.cdx.json"
          cat >"$CNB_LAYERS_DIR/launch.toml" <<'END'
          [[labels]]
          key = "acme.flavour"
          value = "sour"
          [[slices]]
          paths = ["pages"]
          [[processes]]
          type = "web"
          command = ["/bin/sh", "-c", "echo $WORDS $FROM_EXEC $PWD"]
          default = true
          working-dir = "/workspace/pages"
          END
          """);

  @BeforeAll
  static void open() throws Exception {
    host = TlsHost.start(folder);
    workshop =
        new Workshop(
            folder,
            BuildLimits.USUAL,
            new Workshop.Elsewhere(Set.of(host.name()), Set.of(), Optional.of(host.trusted())));
    var both = new LinkedHashMap<String, Map<String, String>>();
    both.put(
        "acme/both@1", Packed.composite("acme/both", "1", List.of("acme/three@1", "acme/four@1")));
    both.put("acme/three@1", THREE);
    both.put("acme/four@1", FOUR);
    Packed.buildpackage("acme/both", "1", both).forEach(host::put);
    host.put("/two.tgz", Packed.tgz(TWO));
  }

  @AfterAll
  static void close() throws Exception {
    host.close();
    workshop.close();
  }

  private static List<String> all() {
    return List.of(HERE, host.url("/two.tgz"), "docker://" + host.name() + "/acme/both:1");
  }

  private static Path app() throws IOException {
    var app = workshop.empty();
    write(app, "words.txt", "");
    write(app, "pages/index.html", "hello");
    MINE.forEach((name, text) -> write(app, "buildpacks/mine/" + name, text));
    return app;
  }

  private static void write(Path app, String name, String text) {
    try {
      var file = app.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      var mode = name.contains("/bin/") ? "rwxr-xr-x" : "rw-r--r--";
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// Its layer has one file, as large each time and of one time, as tools make them that go by
  /// SOURCE_DATE_EPOCH. It fails where the word is `failing`, after it wrote.
  private static Map<String, String> setsItsTimesBack() {
    return Packed.buildpack(
        "me/mine",
        "first",
        "exit 0",
        """
        layer=$CNB_LAYERS_DIR/page
        [[ -d $layer ]] && echo "restored: $(cat "$layer/word")"
        mkdir -p "$layer"
        cat words.txt >"$layer/word"
        touch -d @315532800 "$layer/word"
        printf '[types]\\nlaunch = true\\ncache = true\\n' >"$layer.toml"
        [[ $(cat words.txt) != failing ]]
        """);
  }

  private static String word(Built built) throws Exception {
    return run(built, "cat", "/layers/me_mine/page/word");
  }

  @Test
  @Tag("BLD-9")
  void a_layer_with_other_content_of_the_same_size_and_time_is_in_the_next_image()
      throws Exception {
    var app = workshop.empty();
    setsItsTimesBack().forEach((name, text) -> write(app, "buildpacks/mine/" + name, text));
    write(app, "Procfile", "web: cat /layers/me_mine/page/word\n");
    write(app, "words.txt", "morning");
    var built = workshop.build(workshop.with(List.of(HERE), workshop.job("times", app)));
    assertThat(word(built)).isEqualTo("morning");

    write(app, "words.txt", "evening");
    var second = workshop.with(List.of(HERE), workshop.job("times", app));
    assertThat(word(workshop.build(second))).isEqualTo("evening");
    assertThat(workshop.output(second))
        .contains("restored: morning")
        .doesNotContain("Layers reused");

    write(app, "words.txt", "failing");
    var _ = workshop.refuse(workshop.with(List.of(HERE), workshop.job("times", app)));
    write(app, "words.txt", "evening");
    var third = workshop.with(List.of(HERE), workshop.job("times", app));
    assertThat(word(workshop.build(third))).isEqualTo("evening");
    assertThat(workshop.output(third)).doesNotContain("restored: failing");

    var same = workshop.with(List.of(HERE), workshop.job("times", app));
    assertThat(word(workshop.build(same))).isEqualTo("evening");
    assertThat(workshop.output(same))
        .as("written again, with what it had")
        .contains("restored: evening", "Layers reused: page");
  }

  @Test
  void a_folder_an_archive_and_a_composite_of_a_registry_build_one_app_together() throws Exception {
    var app = app();
    var job = workshop.with(all(), workshop.job("words", app, Optional.empty(), BLUE));
    var built = workshop.build(job);

    assertThat(built.used())
        .extracting(UsedBuildpack::id)
        .containsExactly("me/mine", "acme/two", "acme/three", "acme/four");
    assertThat(built.used())
        .extracting(UsedBuildpack::from)
        .startsWith(all().toArray(String[]::new));
    assertThat(built.used()).allMatch(used -> used.digest().matches("sha256:[0-9a-f]{64}"));
    assertThat(workshop.output(job))
        .contains("Buildpack me/mine first, from ./buildpacks/mine (sha256:")
        .contains("Buildpack acme/two 2.0, from " + host.url("/two.tgz") + " (sha256:")
        .contains("Buildpack acme/four 1, from docker://" + host.name());
    assertThat(run(built)).isEqualTo("one+two exec /workspace/pages");
    assertThat(run(built, "find", "/layers/sbom", "-type", "f").lines())
        .containsExactlyInAnyOrder(
            "/layers/sbom/launch/acme_four/sbom.spdx.json",
            "/layers/sbom/launch/acme_two/two/sbom.cdx.json");
    assertThat(run(built, "cat", "/layers/sbom/launch/acme_two/two/sbom.cdx.json"))
        .isEqualTo("{\"bill\": 2}");
    assertThat(label(built, "acme.flavour")).isEqualTo("sour");
    assertThat(label(built, "io.buildpacks.lifecycle.metadata"))
        .containsPattern("\"app\":\\[\\{\"sha\":\"[^\"]+\"},\\{\"sha\":\"[^\"]+\"}]")
        .contains("\"store\":{\"metadata\":{\"seen\":\"words\"}}")
        .containsPattern("\"config\":\\{\"sha\":\"sha256:")
        .containsPattern("\"process-types\":\\{\"sha\":\"sha256:");
    assertThat(label(built, "io.buildpacks.build.metadata"))
        .contains("\"api\":\"0.7\",\"id\":\"me/mine\"")
        .contains("\"buildpackID\":\"acme/four\"")
        .contains("\"working-dir\":\"/workspace/pages\"");

    var same = workshop.with(all(), workshop.job("words", app, Optional.of(built), BLUE));
    var again = workshop.build(same);
    assertThat(again.reused()).isTrue();
    assertThat(again.used()).isEqualTo(built.used());

    var newer = new LinkedHashMap<>(TWO);
    newer.put("README.md", "changed");
    host.put("/two.tgz", Packed.tgz(newer));
    var changed = workshop.with(all(), workshop.job("words", app, Optional.of(built), BLUE));
    assertThat(workshop.build(changed).reused()).isFalse();
    assertThat(workshop.output(changed))
        .contains("Fetched " + host.url("/two.tgz"))
        .contains("two came with its bill");
  }

  /// Its layer is for the image alone: it knows from the layer's metadata whether it is still
  /// right.
  private static final String THRIFTY =
      """
      layer=$CNB_LAYERS_DIR/fonts
      [[ ! -e $layer ]] || exit 9
      [[ ! -e $CNB_LAYERS_DIR/both.toml && ! -e $CNB_LAYERS_DIR/both ]] || exit 9
      made=$(sed -n 's/^made = "\\(.*\\)"/\\1/p' "$layer.toml" 2>/dev/null || true)
      if [[ -f want-none.txt ]]; then
        printf '[types]\\nlaunch = true\\n' >"$CNB_LAYERS_DIR/unheard.toml"
      elif [[ $made == "$(cat words.txt)" ]]; then
        [[ $(cat "$layer.sbom.cdx.json") == '{"bill": 5}' ]]
        echo "fonts of $made stay in the image"
        printf '[types]\\nlaunch = true\\n' | cat - "$layer.toml" >"$layer.new"
        mv "$layer.new" "$layer.toml"
      else
        echo "fonts are made, after ${made:-nothing}"
        mkdir -p "$layer/env.launch/web"
        cp words.txt "$layer/is"
        touch -d 2020-01-01 "$layer/is"
        printf yes >"$layer/env.launch/web/FOR_WEB"
        printf '{"bill": 5}' >"$layer.sbom.cdx.json"
        printf '[types]\\nlaunch = true\\n[metadata]\\nmade = "%s"\\n' "$(cat words.txt)" >"$layer.toml"
      fi
      mkdir "$CNB_LAYERS_DIR/both"
      printf '[types]\\nlaunch = true\\nbuild = true\\n' >"$CNB_LAYERS_DIR/both.toml"
      cat >"$CNB_LAYERS_DIR/launch.toml" <<'END'
      [[processes]]
      type = "web"
      command = ["sh", "-c", "echo $(cat /layers/acme_thrifty/fonts/is) $FOR_WEB $(cat page.txt)"]
      END
      """;

  @Test
  @Tag("BLD-9")
  void a_layer_that_is_for_the_image_alone_is_not_made_twice() throws Exception {
    host.put("/thrifty.tgz", Packed.tgz(Packed.buildpack("acme/thrifty", "1", "", THRIFTY)));
    var app = workshop.empty();
    write(app, "words.txt", "serif");
    write(app, "page.txt", "one");
    var first = thrifty(app, Optional.empty());
    var built = workshop.build(first);
    assertThat(workshop.output(first)).contains("fonts are made, after nothing");
    assertThat(run(built)).isEqualTo("serif yes one");

    write(app, "page.txt", "two");
    var second = thrifty(app, Optional.of(built));
    var moved = workshop.build(second);
    assertThat(workshop.output(second)).contains("fonts of serif stay in the image");
    assertThat(run(moved)).isEqualTo("serif yes two");
    assertThat(fonts(moved)).isEqualTo(fonts(built));
    assertThat(run(moved, "cat", "/layers/sbom/launch/acme_thrifty/fonts/sbom.cdx.json"))
        .isEqualTo("{\"bill\": 5}");

    // Of the same size and hour: only that it was made again says that it is another.
    write(app, "words.txt", "latin");
    var third = thrifty(app, Optional.of(moved));
    var other = workshop.build(third);
    assertThat(workshop.output(third)).contains("fonts are made, after serif");
    assertThat(run(other)).isEqualTo("latin yes two");

    write(app, "page.txt", "three");
    var fourth = workshop.build(thrifty(app, Optional.of(other)));
    assertThat(run(fourth)).isEqualTo("latin yes three");

    write(app, "want-none.txt", "");
    assertThat(workshop.refuse(thrifty(app, Optional.of(fourth))).summary())
        .isEqualTo(
            "the buildpack acme/thrifty left no folder for its layer 'unheard', and there is none of an earlier build to take");
  }

  /// Of API 0.8: a line for bash, and what a user adds comes after its own arguments.
  private static final String OLD =
      """
      cat >"$CNB_LAYERS_DIR/launch.toml" <<'END'
      [[processes]]
      type = "web"
      command = "words=(old bash); echo ${words[@]}"
      [[processes]]
      type = "say"
      command = "echo"
      args = ["said"]
      direct = true
      END
      """;

  private static final String NEW =
      """
      [[ $CNB_EXEC_ENV == production ]]
      mkdir -p "$CNB_LAYERS_DIR/tests" "$CNB_LAYERS_DIR/both"
      printf '[types]\nlaunch = true\n[metadata]\nexec-env = ["test"]\n' >"$CNB_LAYERS_DIR/tests.toml"
      printf '[types]\nlaunch = true\n[metadata]\nexec-env = ["test", "production"]\n' >"$CNB_LAYERS_DIR/both.toml"
      cat >"$CNB_LAYERS_DIR/launch.toml" <<'END'
      [[processes]]
      type = "repeat"
      command = ["echo"]
      args = ["usual"]
      exec-env = ["production"]
      [[processes]]
      type = "web"
      command = ["echo", "a test"]
      exec-env = ["test"]
      END
      """;

  @Test
  void each_api_has_its_own_processes_and_what_is_for_tests_stays_out() throws Exception {
    var wrong = new LinkedHashMap<>(Packed.buildpack("acme/wrong", "1", "exit 1", "exit 1"));
    wrong.merge("buildpack.toml", "[[buildpack.exec-env]]\nname = \"test\"\n", String::concat);
    var all = new LinkedHashMap<String, Map<String, String>>();
    var members = List.of("acme/wrong@1", "acme/old@1", "acme/new@1");
    all.put("acme/apis@1", Packed.composite("acme/apis", "1", members));
    all.put("acme/wrong@1", of("0.12", wrong));
    all.put("acme/old@1", of("0.8", Packed.buildpack("acme/old", "1", "", OLD)));
    all.put("acme/new@1", of("0.12", Packed.buildpack("acme/new", "1", "", NEW)));
    Packed.buildpackage("acme/apis", "1", all).forEach(host::put);
    var reference = "docker://" + host.name() + "/acme/apis:1";
    var built = workshop.build(workshop.with(List.of(reference), workshop.job("apis", app())));

    assertThat(built.used()).extracting(UsedBuildpack::id).containsExactly("acme/old", "acme/new");
    assertThat(run(built)).isEqualTo("old bash");
    assertThat(run(built, "/cnb/process/say", "more")).isEqualTo("said more");
    assertThat(run(built, "/cnb/process/repeat")).isEqualTo("usual");
    assertThat(run(built, "/cnb/process/repeat", "more")).isEqualTo("more");
    assertThat(run(built, "--", "echo", "$HOME")).isEqualTo("$HOME");
    assertThat(run(built, "ls", "/layers/acme_new", "/cnb/process").lines())
        .containsExactly("/cnb/process:", "repeat", "say", "web", "", "/layers/acme_new:", "both");
  }

  /// The same of another API.
  private static Map<String, String> of(String api, Map<String, String> buildpack) {
    var other = new LinkedHashMap<>(buildpack);
    other.computeIfPresent("buildpack.toml", (_, toml) -> toml.replace("0.10", api));
    return other;
  }

  private static Job thrifty(Path app, Optional<Built> previous) {
    var buildpacks = List.of(host.url("/thrifty.tgz"));
    return workshop.with(buildpacks, workshop.job("thrifty", app, previous));
  }

  private static String fonts(Built built) throws Exception {
    var label = Json.MAPPER.readTree(label(built, "io.buildpacks.lifecycle.metadata"));
    return label.at("/buildpacks/0/layers/fonts/sha").asText();
  }

  private static final Map<String, String> BLUE = Map.of("BP_COLOUR", "blue");

  @Test
  void ours_and_those_of_others_go_together() throws Exception {
    var site = workshop.checkout("static/fixture/site");
    write(site, "words.txt", "");
    MINE.forEach((name, text) -> write(site, "buildpacks/mine/" + name, text));
    // It provides what nobody here requires.
    write(site, "buildpacks/mine/bin/detect", "#!/bin/sh\nexit 0\n");
    write(site, "buildpacks/mine/bin/build", "#!/bin/sh\necho '-----> mine was here'\n");
    var job = workshop.with(List.of(HERE, "widemesh/auto"), workshop.job("site", site));

    var built = workshop.build(job);

    assertThat(built.used())
        .extracting(UsedBuildpack::id)
        .containsExactly("me/mine", "widemesh/static");
    assertThat(workshop.output(job)).contains("mine was here").contains("of the platform");
  }

  @Test
  void ours_for_procfiles_declares_its_processes_for_any_launcher() throws Exception {
    var site = workshop.checkout("static/fixture/site");
    var lines =
        "\uFEFF# all\r\n\r\nweb: echo \"a $HOME\" '\\t'\r\n  clock:tick \u00e9 ${X:-x:y} \n";
    write(site, "Procfile", lines);
    var both = List.of("widemesh/static", "widemesh/procfile");
    var job = workshop.with(both, workshop.job("procfile", site));

    var built = workshop.build(job);

    assertThat(workshop.output(job)).contains("Procfile: web clock");
    var label = Json.MAPPER.readTree(label(built, "io.buildpacks.build.metadata"));
    assertThat(label.at("/processes/0/command/2").asText()).isEqualTo("tick \u00e9 ${X:-x:y}");
    assertThat(label.at("/processes/1/command/2").asText()).isEqualTo("echo \"a $HOME\" '\\t'");
    assertThat(run(built, "/cnb/process/web")).startsWith("a /");

    write(site, "Procfile", "web: a\nnonsense\n");
    assertThat(procfile(site)).contains("the Procfile has the line 'nonsense'");
    write(site, "Procfile", "# web: a\n");
    assertThat(procfile(site)).contains("names no process");
    write(site, "Procfile", "web: a\nweb: b\n");
    assertThat(procfile(site)).contains("names 'web' a second time");
  }

  /// What its script answers, on the machine.
  private static String procfile(Path app) throws Exception {
    var script = Workshop.BUILDPACKS.resolve("procfile/bin/build").toString();
    var start = new ProcessBuilder("bash", script, app.toString()).directory(app.toFile());
    var process = start.redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isNotZero();
    return said;
  }

  /// Its detection leaves a program behind that looks what is being put in place: it could put
  /// links there, to files of the host.
  private static final String LURKING =
      """
      lurk() {
        until [[ -d /layers/acme_lurking ]]; do :; done
        [[ -e /layers/acme_lurking/l300.toml ]] || echo seen >/tmp/seen
      }
      lurk </dev/null >/dev/null 2>&1 &
      """;

  private static final String LURKING_BUILD =
      """
      sleep 0.2
      if [[ -e /tmp/seen ]]; then
        echo ' !     somebody looked on'
        exit 1
      fi
      for n in {1..300}; do
        mkdir -p "$CNB_LAYERS_DIR/l$n"
        printf '[types]\\ncache = true\\n' >"$CNB_LAYERS_DIR/l$n.toml"
      done
      """;

  @Test
  @Tag("BLD-12")
  void nothing_that_detection_left_running_runs_while_layers_are_put_in_place() throws Exception {
    var app = workshop.empty();
    write(app, "Procfile", "web: true");
    var buildpacks = List.of(host.url("/lurking.tgz"));
    host.put("/lurking.tgz", Packed.tgz(Packed.buildpack("acme/lurking", "1", "", LURKING_BUILD)));
    var built = workshop.build(workshop.with(buildpacks, workshop.job("lurking", app)));

    host.put(
        "/lurking.tgz", Packed.tgz(Packed.buildpack("acme/lurking", "2", LURKING, LURKING_BUILD)));

    workshop.build(workshop.with(buildpacks, workshop.job("lurking", app, Optional.of(built))));
  }

  @Test
  void what_does_not_fit_is_said_with_each_buildpacks_answer() throws Exception {
    var app = app();
    Files.delete(app.resolve("words.txt"));
    var cause = workshop.refuse(workshop.with(List.of(HERE), workshop.job("none", app)));
    assertThat(cause.summary()).contains("do not build this app together");
    assertThat(cause.evidence()).singleElement().asString().contains("does not recognise it");

    var missing = workshop.with(List.of("./nowhere"), workshop.job("none", app));
    assertThat(workshop.refuse(missing).summary()).contains("has no folder ./nowhere");

    var inFolder = workshop.in("pages", missing);
    assertThat(workshop.refuse(inFolder).summary())
        .contains("the app's folder pages has no folder ./nowhere");

    Files.createSymbolicLink(app.resolve("away"), Path.of("/etc"));
    var away = workshop.with(List.of("./away"), workshop.job("none", app));
    assertThat(workshop.refuse(away).summary()).contains("has no folder ./away");

    var idle =
        workshop.built("dockerfile", workshop.with(List.of(HERE), workshop.job("none", app)));
    assertThat(workshop.refuse(idle).summary()).contains("Dockerfile");
    assertThat(workshop.output(idle)).contains("The buildpacks that the stack names are not used");

    var unknown = workshop.with(List.of("widemesh/cobol"), workshop.job("none", app));
    assertThat(workshop.refuse(unknown).nextStep()).contains("widemesh/nodejs");
  }

  @Test
  void one_made_for_another_system_is_refused_before_it_runs() throws Exception {
    var app = app();
    var toml = app.resolve("buildpacks/mine/buildpack.toml");
    Files.writeString(
        toml,
        """
        api = "0.10"
        [buildpack]
        id = "me/mine"
        [[targets]]
        os = "linux"
        [[targets.distros]]
        name = "ubuntu"
        version = "24.04"
        """);
    write(app, "buildpacks/mine/bin/detect", "#!/bin/sh\ntouch /workspace/ran; exit 1\n");

    var cause = workshop.refuse(workshop.with(List.of(HERE), workshop.job("ubuntu", app)));

    assertThat(cause.summary()).contains("me/mine is made for linux ubuntu 24.04");
  }

  /// What its web process says.
  private static String run(Built built) throws IOException, InterruptedException {
    var argv = built.processes().getFirst().argv();
    return run(built, argv == null ? new String[0] : argv.toArray(String[]::new));
  }

  private static String run(Built built, String... argv) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("run", "--rm", "--cap-drop=ALL", image(built)));
    command.addAll(List.of(argv));
    return docker(built).succeed(command.toArray(String[]::new));
  }

  private static String label(Built built, String name) throws IOException, InterruptedException {
    var format = "{{index .Config.Labels \"" + name + "\"}}";
    return docker(built).succeed("inspect", "-f", format, image(built));
  }

  private static String image(Built built) {
    return workshop.registry.registry().address() + "/" + built.image();
  }

  private static Docker docker(Built built) throws IOException, InterruptedException {
    var docker =
        Docker.loggedIn(
            folder.resolve("docker"),
            workshop.registry.registry().address(),
            RunningRegistry.READER,
            RunningRegistry.PASSWORD);
    docker.succeed("pull", "-q", image(built));
    return docker;
  }
}
