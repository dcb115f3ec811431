package dev.widemesh.rack;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.widemesh.api.Json;
import dev.widemesh.model.Sealer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the rack must remember, one sealed file an entry: sealing hides it and, because an altered
/// file does not open, is its checksum too. An entry that cannot be read harms only itself: it is
/// put aside, and the controller sends it again.
final class Vault {
  private static final Logger log = LoggerFactory.getLogger(Vault.class);
  private static final String SUFFIX = ".sealed";

  private final Path folder;
  private final Sealer sealer;

  private Vault(Path folder, Sealer sealer) {
    this.folder = folder;
    this.sealer = sealer;
  }

  static Vault open(Path data) throws IOException {
    var folder = Files.createDirectories(data.resolve("state"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    return new Vault(folder, Sealer.fromFile(data.resolve("rack.key")));
  }

  /// Whole, or not at all: what stood there before stays where it cannot be written.
  synchronized void write(String name, Object value) {
    var sealed = sealer.seal(Json.write(value).getBytes(StandardCharsets.UTF_8), name);
    var draft = folder.resolve(name + ".draft");
    try {
      write(draft, sealed);
      Files.move(draft, file(name), StandardCopyOption.ATOMIC_MOVE);
      syncFolder();
    } catch (IOException e) {
      discard(draft);
      throw new UncheckedIOException(
          "cannot store %s in %s (%s)".formatted(name, folder, reason(e)), e);
    }
  }

  /// A disk that gets full takes a part and says so of the next one.
  private static void write(Path draft, byte[] sealed) throws IOException {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    var options = Set.of(CREATE, WRITE, TRUNCATE_EXISTING);
    try (var channel = FileChannel.open(draft, options, mode)) {
      var rest = ByteBuffer.wrap(sealed);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }

  private static void discard(Path draft) {
    try {
      Files.deleteIfExists(draft);
    } catch (IOException e) {
      log.debug("{} stays until it is written again: {}", draft, e.toString());
    }
  }

  private static String reason(IOException failure) {
    return switch (failure) {
      case FileSystemException e when e.getReason() != null -> e.getReason();
      default -> Refusals.reason(failure);
    };
  }

  private void syncFolder() throws IOException {
    try (var channel = FileChannel.open(folder, READ)) {
      channel.force(true);
    }
  }

  <T> Optional<T> read(String name, Class<T> type) {
    var file = file(name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      var plain = sealer.open(Files.readAllBytes(file), name);
      return Optional.of(Json.read(new String(plain, StandardCharsets.UTF_8), type));
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      log.error("{} cannot be read and is put aside; the rest is not harmed", file, e);
      putAside(file);
      return Optional.empty();
    }
  }

  private static void putAside(Path file) {
    try {
      var aside = file.resolveSibling(file.getFileName() + ".unreadable");
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.warn("cannot put {} aside", file, e);
    }
  }

  synchronized void delete(String name) {
    try {
      Files.deleteIfExists(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + name + " in " + folder, e);
    }
  }

  /// Names of the entries that start so.
  List<String> names(String prefix) {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(prefix) && name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  private Path file(String name) {
    return folder.resolve(name + SUFFIX);
  }
}
