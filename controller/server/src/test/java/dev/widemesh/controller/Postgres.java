package dev.widemesh.controller;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/// A real PostgreSQL for the tests of this JVM, with a database for whoever asks.
final class Postgres {
  private static final int NOBODY = 65_534;
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static final Postgres SHARED = start();

  private final int port;

  private Postgres(int port) {
    this.port = port;
  }

  static String freshDatabase() {
    var name = "test" + DATABASES.incrementAndGet();
    try (var connection = DriverManager.getConnection(SHARED.jdbcOf("postgres"));
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return "postgresql://postgres:none@127.0.0.1:" + SHARED.port + "/" + name;
  }

  /// What [#freshDatabase] answered, for JDBC.
  static String jdbc(String url) {
    return "jdbc:" + url.replace("postgres:none@", "") + "?user=postgres";
  }

  static void run(String url, String statement) throws SQLException {
    try (var connection = DriverManager.getConnection(jdbc(url));
        var run = connection.createStatement()) {
      run.execute(statement);
    }
  }

  /// The first column of the first row.
  static String read(String url, String query) throws SQLException {
    try (var connection = DriverManager.getConnection(jdbc(url));
        var statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      if (!row.next()) {
        throw new AssertionError("no row: " + query);
      }
      return row.getString(1);
    }
  }

  private String jdbcOf(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres&password=none";
  }

  private static Postgres start() {
    try {
      var home = Path.of("target", "postgres").toAbsolutePath();
      unpack(home);
      var data = Files.createTempDirectory("tserver-pg");
      if (isRoot()) {
        Files.setAttribute(data, "unix:uid", NOBODY);
      }
      run(
          home.resolve("bin/initdb").toString(),
          "-D",
          data.toString(),
          "-U",
          "postgres",
          "-A",
          "trust",
          "--no-sync",
          "-E",
          "UTF8",
          "--locale=C");
      var port = freePort();
      serve(home, data, port);
      var server = new Postgres(port);
      server.awaitReady();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void serve(Path home, Path data, int port) throws IOException {
    var process =
        new ProcessBuilder(
                command(
                    home.resolve("bin/postgres").toString(),
                    "-D",
                    data.toString(),
                    "-p",
                    "" + port,
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "unix_socket_directories=",
                    "-c",
                    "fsync=off",
                    "-c",
                    "max_connections=200"))
            .redirectErrorStream(true)
            .redirectOutput(data.resolveSibling(data.getFileName() + ".log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process, data)));
  }

  private static void stop(Process process, Path data) {
    process.destroy();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
      Files.deleteIfExists(data.resolveSibling(data.getFileName() + ".log"));
      try (var files = Files.walk(data)) {
        for (var file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (InterruptedException | IOException e) {
      throw new IllegalStateException("left behind: " + data, e);
    }
  }

  private void awaitReady() {
    var deadline = Instant.now().plus(Duration.ofSeconds(20));
    while (true) {
      try (var connection = DriverManager.getConnection(jdbcOf("postgres"))) {
        if (connection.isValid(2)) {
          return;
        }
      } catch (SQLException e) {
        if (Instant.now().isAfter(deadline)) {
          throw new IllegalStateException("PostgreSQL does not start", e);
        }
        Thread.onSpinWait();
      }
    }
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  // PostgreSQL refuses to run as root.
  private static List<String> command(String... words) {
    var command = new ArrayList<String>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
    }
    command.addAll(List.of(words));
    return command;
  }

  private static void run(String... words) throws IOException {
    var process = new ProcessBuilder(command(words)).redirectErrorStream(true).start();
    var output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(output);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /// Several JVMs run tests at once: one unpacks it, the others wait.
  private static void unpack(Path home) throws IOException {
    var lock = Files.createDirectories(home.getParent()).resolve("postgres.lock");
    try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = channel.lock()) {
      if (!Files.exists(home.resolve("bin/postgres"))) {
        extract(home);
      }
    }
  }

  private static void extract(Path home) throws IOException {
    var arch = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
    var name = "/postgres-linux-" + arch + ".txz";
    try (var packed = Postgres.class.getResourceAsStream(name)) {
      if (packed == null) {
        throw new IOException("no " + name);
      }
      try (var tar = new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
          put(home, tar, entry);
        }
      }
    }
  }

  private static void put(Path home, TarArchiveInputStream tar, TarArchiveEntry entry)
      throws IOException {
    var file = home.resolve(entry.getName()).normalize();
    if (entry.isDirectory()) {
      Files.createDirectories(file);
      return;
    }
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, file);
      var mode = (entry.getMode() & 0100) == 0 ? "rw-r--r--" : "rwxr-xr-x";
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
  }
}
