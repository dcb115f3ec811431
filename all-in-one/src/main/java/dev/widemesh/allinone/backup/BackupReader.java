package dev.widemesh.allinone.backup;

import dev.widemesh.api.Json;
import dev.widemesh.model.Sealer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// A backup that is whole: every byte of it was compared with its checksum when it was opened.
public final class BackupReader {
  private static final int BUFFER = 1 << 16;
  private static final long SMALL = 1_000;

  /// What follows the parts, and how large it may be.
  private static final Map<String, Long> LAST =
      Map.of(
          BackupWriter.MANIFEST,
          (long) BackupWriter.LARGEST_MANIFEST,
          BackupWriter.SEAL,
          SMALL,
          BackupWriter.KEY,
          SMALL);

  /// All of that with the tar's own: names in it can be as long as a file.
  private static final long LARGEST_END = BackupWriter.LARGEST_MANIFEST + 100_000;

  private final Path file;
  private final byte[] manifestText;
  private final Manifest manifest;
  private final byte[] seal;
  private final byte[] key;

  private BackupReader(Path file, Map<String, byte[]> last) throws DamagedBackup {
    this.file = file;
    this.manifestText = required(last, BackupWriter.MANIFEST);
    this.seal = required(last, BackupWriter.SEAL);
    this.key = last.getOrDefault(BackupWriter.KEY, new byte[0]);
    this.manifest = manifest(manifestText);
  }

  private static Manifest manifest(byte[] text) throws DamagedBackup {
    try {
      var manifest = Json.read(new String(text, StandardCharsets.UTF_8), Manifest.class);
      for (var part : manifest.parts()) {
        if (leadsElsewhere(part.name())) {
          throw new DamagedBackup(
              "it has a part that leads elsewhere: " + part.name().replaceAll("\\p{Cntrl}", "?"));
        }
      }
      return manifest;
    } catch (IllegalArgumentException _) {
      throw new DamagedBackup("its manifest cannot be understood");
    }
  }

  /// Whether it is anything but folders and a file in them.
  private static boolean leadsElsewhere(String name) {
    return Arrays.stream(name.split("/", -1)).anyMatch(Set.of("", ".", "..")::contains)
        || name.chars().anyMatch(Character::isISOControl);
  }

  /// Reads all of it; `read` hears how many bytes of it were read.
  public static BackupReader open(Path file, LongConsumer read) throws IOException {
    try (var channel = FileChannel.open(file)) {
      var size = channel.size();
      if (size <= Tail.SIZE) {
        throw new DamagedBackup("it is cut off, or no backup of Widemesh");
      }
      channel.position(size - Tail.SIZE);
      var block = Channels.newInputStream(channel).readNBytes(Tail.SIZE);
      var tail = Tail.parse(block);
      if (tail.format() != Tail.FORMAT) {
        throw new DamagedBackup(
            "its format is %d, and this Widemesh reads %d".formatted(tail.format(), Tail.FORMAT));
      }
      if (size - Tail.SIZE - tail.manifest() > LARGEST_END) {
        throw new DamagedBackup("its manifest is too large");
      }
      channel.position(0);
      var seen = checksum(Channels.newInputStream(channel), size - Tail.SIZE, read);
      if (!Arrays.equals(block, Tail.of(tail.manifest(), seen).block())) {
        throw new DamagedBackup("it was altered after it was made, or read wrongly");
      }
      channel.position(tail.manifest());
      return new BackupReader(file, last(Channels.newInputStream(channel)));
    }
  }

  private static Checksum checksum(InputStream in, long size, LongConsumer read)
      throws IOException {
    var checksum = new Checksum();
    var buffer = new byte[BUFFER];
    while (checksum.bytes() < size) {
      var length = in.read(buffer, 0, (int) Math.min(BUFFER, size - checksum.bytes()));
      if (length < 0) {
        throw new DamagedBackup("it becomes shorter while it is read");
      }
      checksum.add(buffer, 0, length);
      read.accept(checksum.bytes());
    }
    return checksum;
  }

  private static Map<String, byte[]> last(InputStream in) throws IOException {
    var found = new HashMap<String, byte[]>();
    var tar = new TarArchiveInputStream(new BufferedInputStream(in, BUFFER));
    for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      var name = entry.getName();
      if (entry.getSize() > LAST.getOrDefault(name, -1L) || found.containsKey(name)) {
        throw new DamagedBackup("it has more than a manifest, its seal and a key after its parts");
      }
      found.put(name, tar.readNBytes((int) entry.getSize()));
    }
    return found;
  }

  private static byte[] required(Map<String, byte[]> last, String name) throws DamagedBackup {
    var found = last.get(name);
    if (found == null) {
      throw new DamagedBackup("it has no " + name);
    }
    return found;
  }

  public Manifest manifest() {
    return manifest;
  }

  /// The platform's key, where the backup was made with it.
  public Optional<byte[]> key() {
    return key.length == 0 ? Optional.empty() : Optional.of(key.clone());
  }

  /// Whether it was made by who had this key, and is what was made.
  public boolean isSealedBy(byte[] key) {
    try {
      var sealed = new Sealer(key).open(seal, BackupWriter.PLACE + BackupWriter.MANIFEST);
      return Arrays.equals(sealed, Checksum.of(manifestText));
    } catch (IllegalStateException | IllegalArgumentException _) {
      return false;
    }
  }

  /// A part that [BackupWriter] sealed.
  public static byte[] open(String name, byte[] sealed, Sealer sealer) {
    return sealer.open(sealed, BackupWriter.PLACE + name);
  }

  /// Writes each part below `root`, under the name that `place` gives it.
  public void unpack(Path root, UnaryOperator<String> place, LongConsumer written)
      throws IOException {
    var done = 0L;
    try (var tar =
        new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
      for (var part : manifest.parts()) {
        var entry = tar.getNextEntry();
        if (entry == null || !entry.getName().equals(part.name())) {
          throw new DamagedBackup("it was altered: %s is not in its place".formatted(part.name()));
        }
        var target = root.resolve(place.apply(part.name())).normalize();
        if (!target.startsWith(root)) {
          throw new DamagedBackup("it has a part that leads elsewhere: " + part.name());
        }
        write(tar, part, target);
        done += part.bytes();
        written.accept(done);
      }
    }
  }

  private static void write(InputStream in, Manifest.Part part, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    var checksum = new Checksum();
    try (OutputStream out = Files.newOutputStream(target)) {
      var buffer = new byte[BUFFER];
      for (var length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        out.write(buffer, 0, length);
        checksum.add(buffer, 0, length);
      }
    }
    if (checksum.bytes() != part.bytes() || !checksum.hex().equals(part.sha256())) {
      throw new DamagedBackup("it was altered: %s is not what was written".formatted(part.name()));
    }
  }
}
