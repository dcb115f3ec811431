package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A PostgreSQL server that somebody else runs.
record OwnPostgres(Path folder, Process process, int port, String url) implements AutoCloseable {
  static OwnPostgres start() throws IOException, InterruptedException {
    var folder = Files.createTempDirectory("widemesh-test-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    var data = new DataFolder(folder.resolve("data"));
    data.make();
    var secrets = new Secrets(data.secrets());
    secrets.make();
    var port = TestPlatform.freePort();
    var postgres = new Postgres(data, secrets, port);
    postgres.prepare();
    var process =
        new ProcessBuilder(postgres.argv())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    postgres.makeDatabase(Duration.ofSeconds(30));
    return new OwnPostgres(folder, process, port, postgres.url());
  }

  /// As the owner of the database, whom the platform is, too.
  Connection connect() throws SQLException, IOException {
    var password = new Secrets(new DataFolder(folder.resolve("data")).secrets()).database();
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/widemesh".formatted(port), "widemesh", password);
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    PostgresBinaries.deleteTree(folder);
  }
}
