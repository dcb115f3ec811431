package dev.widemesh.rack;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/// A registry with one small image, whose only layer it holds back for a time.
final class HoldingRegistry implements AutoCloseable {
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String CONFIG = "application/vnd.docker.container.image.v1+json";
  private static final String LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<String, byte[]> content = new HashMap<>();
  private final HttpServer server;
  private final Duration held;
  private final String layer;
  private final String manifest;

  HoldingRegistry(Path folder, Duration held) throws IOException {
    this.held = held;
    var tar = tar(folder);
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write(tar);
    }
    layer = keep(packed.toByteArray());
    var config =
        "{'architecture':'amd64','os':'linux','config':{},'rootfs':{'type':'layers','diff_ids':['%s']}}"
            .formatted(digest(tar))
            .replace('\'', '"')
            .getBytes(StandardCharsets.UTF_8);
    manifest =
        keep(
            "{'schemaVersion':2,'mediaType':'%s','config':%s,'layers':[%s]}"
                .formatted(MANIFEST, part(CONFIG, config), part(LAYER, packed.toByteArray()))
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8));
    keep(config);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v2/", this::answer);
    server.start();
  }

  /// A layer that no engine has yet.
  private static byte[] tar(Path folder) throws IOException {
    Files.writeString(folder.resolve("file"), UUID.randomUUID().toString());
    var tar = folder.resolve("layer.tar");
    TestImage.run(List.of("tar", "-C", folder.toString(), "-cf", tar.toString(), "file"));
    return Files.readAllBytes(tar);
  }

  private static String part(String type, byte[] bytes) {
    return "{'mediaType':'%s','size':%d,'digest':'%s'}"
        .formatted(type, bytes.length, digest(bytes));
  }

  private String keep(byte[] bytes) {
    content.put(digest(bytes), bytes);
    return digest(bytes);
  }

  static String digest(byte[] bytes) {
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  String image() {
    return "%s/held@%s".formatted(address(), manifest);
  }

  private void answer(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getPath();
    var name = path.substring(path.lastIndexOf('/') + 1);
    var body = name.isEmpty() ? new byte[0] : content.getOrDefault(name, new byte[0]);
    if (name.equals(layer)) {
      hold();
    }
    var type = name.equals(manifest) ? MANIFEST : "application/octet-stream";
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.getResponseHeaders().add("Docker-Content-Digest", name);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().add("Content-Length", "" + body.length);
      exchange.sendResponseHeaders(200, -1);
    } else {
      exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    }
    exchange.close();
  }

  private void hold() throws IOException {
    try {
      var _ = closed.await(held.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
  }
}
