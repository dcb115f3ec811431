package dev.widemesh.builder.dockerfile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.lifecycle.Amount;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.WorkFolders;
import dev.widemesh.builder.registry.Durable;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// One of the engine's images as a folder that BuildKit reads (an OCI layout): `folder/id`.
record KitBase(Path folder, String id) {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final String DIGEST_FILE = "manifest-digest";
  private static final String NEW = "new-";

  private Path root() {
    return folder.resolve(id);
  }

  private static Path blobs(Path root) {
    return root.resolve("blobs").resolve("sha256");
  }

  /// Takes it from the engine, where that was not done before. Answers the digest of its manifest.
  String ensured(Engine engine, KitRoom room) throws IOException, BuildRefused {
    var known = root().resolve(DIGEST_FILE);
    if (Files.exists(known)) {
      room.take(Amount.of(List.of(root())).bytes());
      return Files.readString(known);
    }
    var made = folder.resolve(NEW + UUID.randomUUID()); // one that was stopped may still be at it
    Files.createDirectories(blobs(made));
    // The client makes it otherwise, where it may not write.
    Files.createDirectories(made.resolve("ingest"));
    String digest;
    try (var tar = engine.streams().saveImageCmd("sha256:" + id).exec()) {
      digest = write(tar, made, room);
    }
    write("{\"imageLayoutVersion\":\"1.0.0\"}", made.resolve("oci-layout"), room);
    write(digest, made.resolve(DIGEST_FILE), room);
    for (var forced : List.of(blobs(made), made.resolve("blobs"), made)) {
      Durable.force(forced);
    }
    WorkFolders.delete(root());
    Durable.move(made, root());
    return digest;
  }

  private String write(InputStream saved, Path made, KitRoom room)
      throws IOException, BuildRefused {
    var files = unpacked(saved, made, room);
    var manifest = Json.MAPPER.readTree(Files.readString(file(files, "manifest.json"))).path(0);
    var whole = Json.MAPPER.createObjectNode();
    whole.put("schemaVersion", 2).put("mediaType", MANIFEST);
    whole.set("config", described(made, file(files, manifest.path("Config").asText()), CONFIG));
    var layers = whole.putArray("layers");
    for (var layer : manifest.path("Layers")) {
      var file = file(files, layer.asText());
      layers.add(described(made, file, LAYER + (isCompressed(file) ? "+gzip" : "")));
    }
    for (var rest : files.values()) {
      Files.deleteIfExists(rest);
    }
    var digest = Sha256.of(whole.toString());
    write(whole.toString(), blobs(made).resolve(digest.substring("sha256:".length())), room);
    return digest;
  }

  private static void write(String text, Path file, KitRoom room) throws IOException, BuildRefused {
    copy(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), file, room);
  }

  /// The archive's files by name, each once, in a plain folder.
  private static Map<String, Path> unpacked(InputStream saved, Path made, KitRoom room)
      throws IOException, BuildRefused {
    var files = new HashMap<String, Path>();
    var links = new HashMap<String, String>();
    var tar = new TarArchiveInputStream(new BufferedInputStream(saved, 1 << 16));
    for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      if (entry.isFile() && !entry.isSymbolicLink() && !entry.isLink()) {
        var file = made.resolve("file-" + files.size());
        copy(tar, file, room);
        files.put(entry.getName(), file);
      } else if (entry.isSymbolicLink()) {
        links.put(entry.getName(), target(entry.getName(), entry.getLinkName()));
      }
    }
    links.forEach(
        (name, target) ->
            Optional.ofNullable(files.get(target)).ifPresent(file -> files.put(name, file)));
    return files;
  }

  /// A piece at a time, so that there is room for each, and an end to it when it is stopped.
  private static void copy(InputStream from, Path file, KitRoom room)
      throws IOException, BuildRefused {
    var piece = new byte[1 << 16];
    try (var out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (var length = from.read(piece); length >= 0; length = from.read(piece)) {
        room.take(length);
        var buffer = ByteBuffer.wrap(piece, 0, length);
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
      }
      out.force(true);
    }
  }

  /// `a/layer.tar` and `../b/layer.tar` are `b/layer.tar`: two layers that are the same.
  private static String target(String name, String link) {
    return Path.of(name).resolveSibling(link).normalize().toString();
  }

  private static Path file(Map<String, Path> files, String name) throws IOException {
    var file = files.get(name);
    if (file == null) {
      throw new IOException("what Docker saved of an image has no " + name);
    }
    return file;
  }

  private JsonNode described(Path made, Path file, String type) throws IOException {
    var digest = Sha256.of(file);
    var blob = blobs(made).resolve(digest.substring("sha256:".length()));
    if (!Files.exists(blob)) { // else another layer is the same
      Files.createLink(blob, file);
    }
    return Json.MAPPER
        .createObjectNode()
        .put("mediaType", type)
        .put("digest", digest)
        .put("size", Files.size(blob));
  }

  private static boolean isCompressed(Path file) throws IOException {
    try (var start = Files.newInputStream(file)) {
      return start.read() == 0x1f && start.read() == 0x8b;
    }
  }
}
