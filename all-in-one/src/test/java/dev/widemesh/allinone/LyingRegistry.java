package dev.widemesh.allinone;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.widemesh.builder.image.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// A registry that names images which it has not, to whoever asks.
record LyingRegistry(HttpServer server, Map<String, String> images) implements AutoCloseable {
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String CONFIG =
      "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";

  static LyingRegistry start() throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var registry = new LyingRegistry(HttpServer.create(address, 0), new ConcurrentHashMap<>());
    registry.server.createContext("/v2/", registry::answer);
    registry.server.start();
    return registry;
  }

  String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /// A name that leads to the image with that id, by any tag and any digest.
  String naming(String repository, String id) {
    images.put(repository, id);
    return host() + "/" + repository;
  }

  private void answer(HttpExchange call) throws IOException {
    try (call) {
      var parts =
          call.getRequestURI()
              .getPath()
              .substring("/v2/".length())
              .split("/(manifests|blobs)/", -1);
      if (parts.length < 2) {
        say(call, "application/json", "{}");
      } else if (parts[1].equals(images.get(parts[0]))) {
        say(call, "application/octet-stream", CONFIG);
      } else {
        var manifest = manifest(String.valueOf(images.get(parts[0])));
        var digest = parts[1].startsWith("sha256:") ? parts[1] : Sha256.of(manifest);
        call.getResponseHeaders().set("Docker-Content-Digest", digest);
        say(call, MANIFEST, manifest);
      }
    }
  }

  private static String manifest(String id) {
    return """
        {"schemaVersion": 2, "mediaType": "%s", "layers": [], "config": {
          "mediaType": "application/vnd.docker.container.image.v1+json",
          "size": %d, "digest": "%s"}}
        """
        .formatted(MANIFEST, CONFIG.length(), id);
  }

  private static void say(HttpExchange call, String type, String text) throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    call.getResponseHeaders().set("Content-Type", type);
    if (call.getRequestMethod().equals("HEAD")) {
      call.getResponseHeaders().set("Content-Length", String.valueOf(bytes.length));
      call.sendResponseHeaders(200, -1);
    } else {
      call.sendResponseHeaders(200, bytes.length);
      call.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
