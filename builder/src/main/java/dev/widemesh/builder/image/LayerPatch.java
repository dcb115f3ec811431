package dev.widemesh.builder.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// Puts other content into files of a layer that [LayerTar] wrote. Nothing else of it changes, so
/// the result is the layer that would be written of all the files.
public final class LayerPatch {
  private record Replacement(ByteBuffer before, ByteBuffer after) {}

  private final Layer layer;
  private final Map<String, Replacement> wanted = new TreeMap<>();
  private final Set<String> made = new HashSet<>();

  private LayerPatch(Layer layer) {
    this.layer = layer;
  }

  public static LayerPatch of(Layer layer) {
    return new LayerPatch(layer);
  }

  /// The file at `target` (`/workspace/server.js`), if the layer has it: `before` becomes `after`.
  public LayerPatch replace(String target, ByteBuffer before, ByteBuffer after) {
    wanted.put(target.substring(1), new Replacement(before, after));
    return this;
  }

  /// Whether the last [#write] found this file.
  public boolean has(String target) {
    return made.contains(target.substring(1));
  }

  /// Reads the layer's `tar` to its end; empty where it has none of the files. The new one lands in
  /// `store`, for as long as nothing is lost. Fails where the tar is not the layer's, or a file is
  /// not what it is to have been.
  public Optional<Layer> write(InputStream tar, Path store) throws IOException {
    made.clear();
    var hashed = new DigestInputStream(tar, Sha256.digest());
    var written = LayerFile.write(layer.name(), store, false, out -> copy(hashed, out));
    hashed.transferTo(OutputStream.nullOutputStream());
    var diffId = "sha256:" + HexFormat.of().formatHex(hashed.getMessageDigest().digest());
    if (!diffId.equals(layer.diffId())) {
      throw new IOException("what is kept of layer " + layer.name() + " is damaged");
    }
    return made.isEmpty() ? Optional.empty() : Optional.of(written);
  }

  private void copy(InputStream from, TarArchiveOutputStream to) throws IOException {
    var in = new TarArchiveInputStream(from, StandardCharsets.UTF_8.name());
    for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
      var replacement = wanted.get(entry.getName());
      if (replacement == null) {
        to.putArchiveEntry(entry);
        in.transferTo(to);
      } else {
        requireSame(entry, in, replacement.before());
        made.add(entry.getName());
        var after = replacement.after().duplicate();
        var owner = new Owner((int) entry.getLongUserId(), (int) entry.getLongGroupId());
        LayerWriter.file(to, entry.getName(), after.remaining(), entry.getMode(), owner);
        Channels.newChannel(to).write(after);
      }
      to.closeArchiveEntry();
    }
  }

  /// The build may have written the file, or made it a second name of another.
  private static void requireSame(TarArchiveEntry entry, InputStream content, ByteBuffer before)
      throws IOException {
    if (entry.getLinkFlag() != TarConstants.LF_NORMAL
        || entry.getSize() != before.remaining()
        || !ByteBuffer.wrap(content.readNBytes(before.remaining())).equals(before)) {
      throw new IOException(entry.getName() + " in the image is not the file of the commit");
    }
  }
}
