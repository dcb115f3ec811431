package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnDatabaseTest {
  private static final String VARIABLE = "WIDEMESH_DATABASE_URL";

  @Test
  void a_platform_keeps_its_state_in_the_database_that_the_operator_named() throws Exception {
    try (var server = Server.start();
        var platform = TestPlatform.startWith(Map.of(VARIABLE, server.url()))) {
      var app = App.create(platform, platform.environmentOf("own"), "site");
      app.write("index.html", "from a database of my own\n").commit("1").push().ok();

      assertThat(app.answer()).contains("a database of my own");
      assertThat(platform.widemesh("status").ok().out()).containsPattern("postgres +down");
      assertThat(platform.data.resolve("postgres/data")).doesNotExist();

      platform.widemesh("down").ok();
      platform.up();
      assertThat(app.mesh("deployments", "ls").ok().out()).contains("v0");
    }
  }

  @Test
  void a_database_that_is_not_there_is_named_in_one_line_and_nothing_goes_on_running()
      throws IOException {
    var url =
        "postgresql://widemesh:secret-word@127.0.0.1:%d/widemesh"
            .formatted(TestPlatform.freePort());
    try (var platform = TestPlatform.stopped(Map.of(VARIABLE, url))) {
      var up = platform.tryUp();

      assertThat(up.exitCode()).isEqualTo(1);
      assertThat(up.err())
          .startsWith("widemesh: ")
          .contains("WIDEMESH_DATABASE_URL")
          .doesNotContain("secret-word")
          .doesNotContain("Exception");
      assertThat(platform.widemesh("status").out()).doesNotContain(" up ");
    }
  }

  /// A PostgreSQL server that somebody else runs.
  private record Server(Path folder, Process process, String url) implements AutoCloseable {
    static Server start() throws IOException, InterruptedException {
      var folder = Files.createTempDirectory("widemesh-test-");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      var data = new DataFolder(folder.resolve("data"));
      data.make();
      var secrets = new Secrets(data.secrets());
      secrets.make();
      var postgres = new Postgres(data, secrets, TestPlatform.freePort());
      postgres.prepare();
      var process =
          new ProcessBuilder(postgres.argv())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      postgres.makeDatabase(Duration.ofSeconds(30));
      return new Server(folder, process, postgres.url());
    }

    @Override
    public void close() throws IOException {
      process.destroy();
      process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
      PostgresBinaries.deleteTree(folder);
    }
  }
}
