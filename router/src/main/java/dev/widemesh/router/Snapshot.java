package dev.widemesh.router;

import dev.widemesh.api.Json;
import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RouteTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The last table on disk, so that a restarted router serves with nobody else there. One
/// checksummed line for each environment and certificate: an unreadable one harms only itself.
final class Snapshot {
  private static final Logger log = LoggerFactory.getLogger(Snapshot.class);

  private final Path file;

  Snapshot(Path data) {
    this.file = data.resolve("routes");
  }

  /// Durable when it returns. It holds private keys: for the owner only.
  void save(RouteTable table) throws IOException {
    var text = new StringBuilder(line("revision", table.revision()));
    table.environments().forEach(environment -> text.append(line("environment", environment)));
    table.certificates().forEach(certificate -> text.append(line("certificate", certificate)));
    var folder = Files.createDirectories(file.toAbsolutePath().getParent());
    var temporary = folder.resolve("routes.tmp");
    write(temporary, text.toString().getBytes(StandardCharsets.UTF_8));
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    try (var channel = FileChannel.open(folder)) {
      channel.force(true);
    }
  }

  private static void write(Path path, byte[] bytes) throws IOException {
    Files.deleteIfExists(path);
    var mode = PosixFilePermissions.fromString("rw-------");
    try (var channel =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(mode))) {
      var buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /// An old table is worse than none where a newer one was acknowledged: addresses move on.
  void drop() throws IOException {
    Files.deleteIfExists(file);
  }

  /// What is readable of it. With a part missing the revision is 0, so that all is asked for again.
  CompletableFuture<RouteTable> read() {
    return CompletableFuture.supplyAsync(this::load, task -> new Thread(task, "snapshot").start());
  }

  private RouteTable load() {
    try {
      return Files.exists(file) ? parse(Files.readAllLines(file)) : RouteTable.EMPTY;
    } catch (IOException e) {
      log.error("cannot read {} ({}): waiting for the rack-runner", file, e.toString());
      return RouteTable.EMPTY;
    }
  }

  private RouteTable parse(List<String> lines) {
    var revision = 0L;
    var environments = new ArrayList<RouteTable.Environment>();
    var certificates = new ArrayList<RackMessage.Certificate>();
    var whole = true;
    for (var line : lines) {
      var parts = line.split(" ", 3);
      try {
        var json = checked(parts).orElseThrow(() -> new IllegalArgumentException("bad checksum"));
        switch (parts[1]) {
          case "revision" -> revision = Json.read(json, Long.class);
          case "environment" -> environments.add(Json.read(json, RouteTable.Environment.class));
          case "certificate" -> certificates.add(Json.read(json, RackMessage.Certificate.class));
          default -> throw new IllegalArgumentException("unknown kind");
        }
      } catch (IllegalArgumentException e) {
        whole = false;
        log.error("{} has an unreadable line ({}): left out", file, e.getMessage());
      }
    }
    return new RouteTable(whole ? revision : 0, environments, certificates);
  }

  private static Optional<String> checked(String[] parts) {
    return parts.length == 3 && parts[0].equals(checksum(parts[1] + parts[2]))
        ? Optional.of(parts[2])
        : Optional.empty();
  }

  private static String line(String kind, Object value) {
    var json = Json.write(value);
    return checksum(kind + json) + " " + kind + " " + json + "\n";
  }

  private static String checksum(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
