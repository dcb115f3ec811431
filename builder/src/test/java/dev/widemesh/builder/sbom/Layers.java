package dev.widemesh.builder.sbom;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// Layers of a test's own making, and the image of them.
final class Layers implements ImageReader.Layers {
  private final Map<String, byte[]> blobs = new LinkedHashMap<>();
  int opened;

  /// A layer, its entries one after the other.
  static final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    Tar() {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    Tar file(String name, String text) throws IOException {
      return file(name, text.getBytes(StandardCharsets.UTF_8), 0644);
    }

    Tar file(String name, byte[] content, int mode) throws IOException {
      var entry = new TarArchiveEntry(name, true);
      entry.setSize(content.length);
      entry.setMode(mode);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
      return this;
    }

    Tar link(String name, String target, byte type) throws IOException {
      var entry = new TarArchiveEntry(name, type);
      entry.setLinkName(target);
      tar.putArchiveEntry(entry);
      tar.closeArchiveEntry();
      return this;
    }

    byte[] bytes() throws IOException {
      tar.close();
      return bytes.toByteArray();
    }
  }

  /// A layer of thousands of long names, which the library takes too long for.
  static final class LongTar {
    private static final int BLOCK = 512;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    LongTar file(String name, String text) {
      var content = text.getBytes(StandardCharsets.UTF_8);
      named('L', name);
      head("file", '0', content.length);
      content(content);
      return this;
    }

    LongTar link(String name, String target, char type) {
      named('L', name);
      named('K', target);
      head("link", type, 0);
      return this;
    }

    /// What is longer than a head has room for comes before it, as GNU tar has it.
    private void named(char type, String name) {
      var text = (name + '\0').getBytes(StandardCharsets.UTF_8);
      head("././@LongLink", type, text.length);
      content(text);
    }

    private void content(byte[] content) {
      bytes.writeBytes(content);
      bytes.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
    }

    private void head(String name, char type, int size) {
      var head = new byte[BLOCK];
      put(head, 0, name);
      put(head, 100, "0000644\0" + "0000000\0".repeat(2));
      put(head, 124, "%011o\0%011o\0        %c".formatted(size, 0, type));
      put(head, 257, "ustar  \0");
      var sum = 0;
      for (var each : head) {
        sum += each & 0xff;
      }
      put(head, 148, "%06o\0 ".formatted(sum));
      bytes.writeBytes(head);
    }

    private static void put(byte[] head, int at, String text) {
      var content = text.getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(content, 0, head, at, content.length);
    }

    byte[] bytes() {
      bytes.writeBytes(new byte[2 * BLOCK]);
      return bytes.toByteArray();
    }
  }

  static byte[] packed(byte[] plain) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    }
    return bytes.toByteArray();
  }

  static byte[] zip(Map<String, byte[]> entries) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  Layers add(Tar layer) throws IOException {
    return addRaw(packed(layer.bytes()));
  }

  Layers addRaw(byte[] blob) {
    blobs.put(Sha256.of(blob), blob);
    return this;
  }

  @Override
  public InputStream open(String digest) throws IOException {
    var blob = blobs.get(digest);
    if (blob == null) {
      throw new IOException("no layer " + digest);
    }
    opened++;
    return new ByteArrayInputStream(blob);
  }

  byte[] manifest() {
    var layers = new ArrayList<Map<String, String>>();
    blobs.keySet().forEach(digest -> layers.add(Map.of("digest", digest)));
    return Json.write(Map.of("layers", layers)).getBytes(StandardCharsets.UTF_8);
  }

  JsonNode bill() throws IOException {
    return bill(new ImageReader());
  }

  JsonNode bill(ImageReader reader) throws IOException {
    var manifest = manifest();
    return Json.MAPPER.readTree(reader.bill(Sha256.of(manifest), manifest, this));
  }

  /// `purl`, or `name@version` where there is none, of each component.
  static List<String> names(JsonNode bill) {
    var names = new ArrayList<String>();
    for (var component : bill.path("components")) {
      var named = component.path("name").asText() + "@" + component.path("version").asText();
      names.add(component.path("purl").asText(named));
    }
    return names;
  }

  static List<String> unread(JsonNode bill) {
    var unread = new ArrayList<String>();
    bill.path("properties").forEach(each -> unread.add(each.path("value").asText()));
    return unread;
  }
}
