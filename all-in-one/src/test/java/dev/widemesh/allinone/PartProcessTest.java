package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class PartProcessTest {
  @TempDir Path folder;

  /// As after an upgrade that was cut off: a class is damaged, which is seen when the router has
  /// threads already that would keep the process alive.
  @Test
  void an_error_at_the_start_ends_the_process_and_is_logged()
      throws IOException, InterruptedException {
    var data = new DataFolder(folder.resolve("data"));
    data.make();
    Platform.fresh()
        .with(
            new Platform.Wishes(
                null, TestPlatform.freePort(), TestPlatform.freePort(), null, null, null))
        .write(data);
    var router = router(data, damaged("dev/widemesh/router/PublicListeners.class"));
    var output = Shell.inBackground(() -> text(router));

    var ended = router.waitFor(60, TimeUnit.SECONDS);
    router.destroyForcibly();

    assertThat(output.join()).contains("ClassFormatError");
    assertThat(ended).isTrue();
    assertThat(router.exitValue()).isEqualTo(1);
    assertThat(data.logs().resolve("router.log")).content().contains("ClassFormatError");
  }

  /// Where the cache does not fit, a process would start all the same, and map nothing of it.
  @Test
  void every_process_starts_from_the_cache_of_classes_that_up_makes(TestPlatform platform)
      throws IOException {
    for (var part : List.of("supervisor", "control", "rack-runner", "router")) {
      assertThat(Path.of("/proc/" + platform.pidOf(part) + "/maps"))
          .as(part)
          .content()
          .contains(PackagedClone.get().cache().toString());
    }
  }

  private Path damaged(String name) throws IOException {
    var classes = folder.resolve("classes");
    var file = classes.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[] {(byte) 0xca, (byte) 0xfe, (byte) 0xba, (byte) 0xbe});
    return classes;
  }

  private Process router(DataFolder data, Path before) throws IOException {
    return Shell.startJoined(
        folder,
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx96m",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-Dwidemesh.log=" + data.logs().resolve("router"),
            "-cp",
            before + File.pathSeparator + System.getProperty("java.class.path"),
            PartProcess.class.getName(),
            "router",
            data.root().toString()));
  }

  private static String text(Process process) {
    try (var out = process.getInputStream()) {
      return new String(out.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
