package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The embedded PostgreSQL: a fixed folder, every commit on the disk, run by a system user of its
/// own (PostgreSQL refuses to be root).
final class Postgres {
  private static final String USER = "widemesh-postgres";
  private static final Duration INITDB = Duration.ofMinutes(2);

  private final Path home;
  private final Secrets secrets;
  private final int port;

  Postgres(DataFolder data, Secrets secrets, int port) {
    this.home = data.postgres();
    this.secrets = secrets;
    this.port = port;
  }

  /// Makes user, binaries and the empty cluster where they are missing.
  void prepare() throws IOException, InterruptedException {
    Files.createDirectories(home);
    ensureUser();
    ensureReachable();
    var binaries = PostgresBinaries.unpack(home);
    if (!Files.exists(cluster().resolve("PG_VERSION"))) {
      initialise(binaries);
    }
  }

  /// The argv with which the supervisor starts it.
  List<String> argv() throws IOException {
    var argv = new ArrayList<>(asUser());
    argv.add(PostgresBinaries.unpack(home).resolve("bin/postgres").toString());
    argv.addAll(List.of("-D", cluster().toString()));
    for (var setting :
        List.of(
            "listen_addresses=127.0.0.1",
            "port=" + port,
            "unix_socket_directories=",
            "fsync=on",
            "synchronous_commit=on",
            "shared_buffers=16MB",
            "max_connections=50",
            // No standing workers for what a small database reads, and none for replication.
            "io_method=sync",
            "max_logical_replication_workers=0",
            "password_encryption=scram-sha-256",
            "log_min_messages=warning",
            "lc_messages=C")) {
      argv.addAll(List.of("-c", setting));
    }
    return argv;
  }

  String url() throws IOException {
    return "postgresql://widemesh:%s@127.0.0.1:%d/widemesh".formatted(secrets.database(), port);
  }

  /// Waits until it answers, then makes role and database where they are missing.
  void makeDatabase(Duration limit) throws IOException {
    var deadline = Instant.now().plus(limit);
    while (true) {
      try {
        tryMakeDatabase();
        return;
      } catch (SQLException e) {
        if (Instant.now().isAfter(deadline)) {
          throw new IOException("PostgreSQL does not answer on port " + port, e);
        }
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
    }
  }

  private void tryMakeDatabase() throws SQLException, IOException {
    var url =
        "jdbc:postgresql://127.0.0.1:%d/postgres?connectTimeout=5&socketTimeout=30".formatted(port);
    try (var connection = DriverManager.getConnection(url, "postgres", secrets.superuser());
        var statement = connection.createStatement()) {
      if (!exists(statement, "SELECT 1 FROM pg_roles WHERE rolname = 'widemesh'")) {
        statement.execute("CREATE ROLE widemesh LOGIN PASSWORD '" + secrets.database() + "'");
      }
      if (!exists(statement, "SELECT 1 FROM pg_database WHERE datname = 'widemesh'")) {
        statement.execute("CREATE DATABASE widemesh OWNER widemesh TEMPLATE template0");
      }
    }
  }

  private static boolean exists(java.sql.Statement statement, String query) throws SQLException {
    try (var rows = statement.executeQuery(query)) {
      return rows.next();
    }
  }

  private Path cluster() {
    return home.resolve("data");
  }

  private void initialise(Path binaries) throws IOException, InterruptedException {
    var draft = home.resolve("data.draft");
    PostgresBinaries.deleteTree(draft);
    Files.createDirectory(draft);
    Command.must(INITDB, List.of("chown", USER + ":", draft.toString()));
    var password = home.resolve("password.draft");
    AtomicFile.write(password, secrets.superuser());
    Command.must(INITDB, List.of("chown", USER + ":", password.toString()));
    var argv = new ArrayList<>(asUser());
    argv.addAll(
        List.of(
            binaries.resolve("bin/initdb").toString(),
            "--pgdata=" + draft,
            "--username=postgres",
            "--pwfile=" + password,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--data-checksums"));
    try {
      Command.must(INITDB, argv);
    } finally {
      Files.deleteIfExists(password);
    }
    Files.move(draft, cluster(), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private static void ensureUser() throws IOException, InterruptedException {
    if (Command.run(Duration.ofSeconds(10), List.of("id", "-u", USER)).exitCode() == 0) {
      return;
    }
    Command.must(
        Duration.ofSeconds(30),
        List.of(
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/usr/sbin/nologin",
            USER));
  }

  private void ensureReachable() throws IOException, InterruptedException {
    var argv = new ArrayList<>(asUser());
    argv.addAll(List.of("test", "-x", home.toString()));
    if (Command.run(Duration.ofSeconds(10), argv).exitCode() != 0) {
      throw new Refused(
          "the user '%s' may not enter %s".formatted(USER, home),
          "choose a folder outside of private ones: --data " + DataFolder.usual());
    }
  }

  private static List<String> asUser() {
    return List.of(
        "setpriv",
        "--reuid=" + USER,
        "--regid=" + USER,
        "--init-groups",
        "--inh-caps=-all",
        "--no-new-privs",
        "--");
  }
}
