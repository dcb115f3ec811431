package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The heap of `control` does not grow with the app: with less than 200 MB in all it builds one of
/// 1 GB in 130,000 files, from the commit to the bill of the image, and builds it again with what
/// it kept. What a push may take besides goes by its largest file, so that is small here.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("alone")
@Tag("nightly")
class LargeBuildTest {
  private static final long MB = 1_000_000;

  /// 199.2 MB; a process that runs out of it ends.
  private static final String HEAP = "-Xmx190m";

  /// Of a push, where others use the machine as well: 2 min on two processors were measured.
  private static final Duration LONGEST = Duration.ofMinutes(12);

  private static final int FILE_MB = 5;
  private static final int PUSHED_MB = 200;
  private static final int MADE = 120_020;

  private static final String TOML =
      """
      api = "0.10"
      [buildpack]
      id = "me/large"
      version = "1.0"
      """;

  /// 120,000 small files and 800 MB that do not compress, which stay from build to build.
  private static final String BUILD =
      """
      #!/usr/bin/env bash
      set -eu
      cp "$(dirname "$0")/../page" index.html
      modules=$1/modules
      printf '[types]\\nlaunch = true\\ncache = true\\n' >"$1/modules.toml"
      if [[ -d $modules ]]; then
        echo "kept $(find "$modules" -type f | wc -l)"
        exit
      fi
      mkdir "$modules"
      for large in {1..20}; do
        head -c 40000000 /dev/urandom >"$modules/large-$large"
      done
      for package in {1..1200}; do
        mkdir "$modules/package-$package"
        for file in {1..100}; do echo "$package $file" >"$modules/package-$package/$file.js"; done
      done
      """;

  private static void program(App app, String name, String text) throws IOException {
    app.write(name, text);
    Files.setPosixFilePermissions(
        app.repository.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// What does not compress, and many small files beside.
  private static void fill(App app) throws IOException {
    var random = new Random(7);
    var noise = new byte[(int) (FILE_MB * MB)];
    Files.createDirectories(app.repository.resolve("assets"));
    for (var file = 0; file < PUSHED_MB / FILE_MB; file++) {
      random.nextBytes(noise);
      Files.write(app.repository.resolve("assets/large-" + file), noise);
    }
    for (var file = 0; file < 10_000; file++) {
      app.write("assets/%d/%d.txt".formatted(file % 100, file), "asset " + file);
    }
  }

  private static Shell.Result push(App app) {
    var argv = List.of("git", "push", "widemesh", "main");
    return Shell.run(app.repository, app.platform.environment(), argv, "", LONGEST);
  }

  private static String flags(long pid) {
    var jcmd = System.getProperty("java.home") + "/bin/jcmd";
    return Shell.printed(jcmd, "" + pid, "VM.flags");
  }

  @Test
  void an_app_of_a_gigabyte_is_built_with_less_than_200_MB_of_heap() throws IOException {
    // The JVM takes these after those of the command line.
    var small = Map.of("_JAVA_OPTIONS", HEAP, "WIDEMESH_MAX_FILE_MB", "" + 2 * FILE_MB);
    try (var platform = TestPlatform.startWith(small)) {
      var app = App.create(platform, platform.environmentOf("large"), "shop");
      app.site("small\n").commit("small").push().ok();
      var control = platform.pidOf("control");
      assertThat(flags(control)).contains("-XX:MaxHeapSize=" + (190 << 20) + " ");
      var memory = PeakMemory.of(control);
      fill(app);
      app.write("large/page", "large\n").write("large/buildpack.toml", TOML);
      program(app, "large/bin/detect", "#!/bin/sh\n");
      program(app, "large/bin/build", BUILD);
      app.mesh("stack", "buildpacks", "set", "./large", "widemesh/static").ok();

      // What does not compress anyway: git would look for what its files have in common.
      app.git("config", "core.bigFileThreshold", "1m").ok();
      app.commit("large");
      push(app).ok();
      assertThat(app.answer()).isEqualTo("large\n");
      app.write("large/page", "again\n").commit("one line");
      var pushed = push(app).ok();
      assertThat(app.answer()).isEqualTo("again\n");

      assertThat(pushed.err()).contains("kept " + MADE);
      app.mesh("deployments", "sbom", "v2", "--json").ok();
      assertThat(platform.pidOf("control")).as("the same process").isEqualTo(control);
      System.out.printf("%d MB more of memory at most%n", memory.grownBy() / MB);
    }
  }
}
