package dev.widemesh.allinone.backup;

import dev.widemesh.api.Json;
import dev.widemesh.model.Sealer;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// Writes a backup: a tar of its parts, then their manifest with its seal, then the [Tail].
public final class BackupWriter {
  static final String MANIFEST = "manifest.json";
  static final String SEAL = "manifest.seal";
  static final String KEY = "seal.key";

  /// Part of each seal, so that none can stand for another.
  static final String PLACE = "backup/";

  /// Of some 200 000 parts. Whoever reads it has it in memory about four times.
  static final int LARGEST_MANIFEST = 50_000_000;

  private static final int BUFFER = 1 << 16;

  private final Counted out;
  private final TarArchiveOutputStream tar;
  private final List<Manifest.Part> parts = new ArrayList<>();

  public BackupWriter(OutputStream file) {
    this.out = new Counted(new BufferedOutputStream(file, BUFFER));
    this.tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  /// The parts so far.
  public List<Manifest.Part> parts() {
    return List.copyOf(parts);
  }

  public void add(String name, Path file) throws IOException {
    var checksum = new Checksum();
    begin(name, Files.size(file));
    try (var in = Files.newInputStream(file)) {
      var buffer = new byte[BUFFER];
      for (var length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        tar.write(buffer, 0, length);
        checksum.add(buffer, 0, length);
      }
    }
    tar.closeArchiveEntry();
    parts.add(new Manifest.Part(name, checksum.bytes(), checksum.hex()));
  }

  /// Sealed: to be read with the platform's key alone.
  public void addSealed(String name, byte[] secret, Sealer sealer) throws IOException {
    var sealed = sealer.seal(secret, PLACE + name);
    var checksum = new Checksum();
    checksum.add(sealed, 0, sealed.length);
    put(name, sealed);
    parts.add(new Manifest.Part(name, checksum.bytes(), checksum.hex()));
  }

  /// `key` is empty where it is to be kept elsewhere.
  public void finish(Manifest manifest, Sealer sealer, byte[] key) throws IOException {
    var begin = out.checksum.bytes();
    var text = Json.write(manifest).getBytes(StandardCharsets.UTF_8);
    if (text.length > LARGEST_MANIFEST) {
      throw new IOException("the list of its %d parts is too large".formatted(parts.size()));
    }
    put(MANIFEST, text);
    put(SEAL, sealer.seal(Checksum.of(text), PLACE + MANIFEST));
    if (key.length > 0) {
      put(KEY, key);
    }
    tar.finish();
    tar.flush();
    out.out().write(Tail.of(begin, out.checksum).block());
    out.flush();
  }

  private void put(String name, byte[] content) throws IOException {
    begin(name, content.length);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private void begin(String name, long size) throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(size);
    entry.setMode(0100600);
    tar.putArchiveEntry(entry);
  }

  private static final class Counted extends FilterOutputStream {
    private final Checksum checksum = new Checksum();

    Counted(OutputStream out) {
      super(out);
    }

    /// Past the checksum.
    OutputStream out() {
      return out;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      out.write(buffer, offset, length);
      checksum.add(buffer, offset, length);
    }
  }
}
