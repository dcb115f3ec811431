package dev.widemesh.router;

import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// Which headers pass, and which are ours to write.
final class Headers {
  /// Meant for one connection only (RFC 9110, 7.6.1).
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "transfer-encoding",
          "upgrade",
          "http2-settings");

  /// What a client sends under these names is not believed, however it spells them.
  private static final Set<String> OURS =
      Set.of(
          "forwarded",
          "x-forwarded-for",
          "x-forwarded-proto",
          "x-forwarded-port",
          "x-forwarded-host",
          "x-forwarded-prefix",
          "x-forwarded-server",
          "x-forwarded-ssl",
          "x-forwarded-scheme",
          "x-real-ip",
          "x-scheme",
          "x-request-id",
          "x-original-url",
          "x-rewrite-url");

  private Headers() {}

  /// `client` is who asks, through which scheme and port, under which host.
  record Origin(String client, boolean tls, int port, String authority, String id) {}

  /// From the client to the instance. First stripped, then ours: a `Connection: X-Forwarded-For`
  /// removes nothing of ours. The body's length is not among them: whoever sends the body says it.
  static void toInstance(MultiMap from, MultiMap to, Origin origin, String prefix) {
    var named = named(from);
    var cookies = new StringBuilder();
    for (var header : from) {
      var name = header.getKey().toLowerCase(Locale.ROOT);
      if (name.equals("cookie")) {
        // HTTP/2 may split them; HTTP/1.1 wants one line.
        cookies.append(cookies.isEmpty() ? "" : "; ").append(header.getValue());
      } else if (passes(name, named)) {
        to.add(header.getKey(), header.getValue());
      }
    }
    if (!cookies.isEmpty() && !named.contains("cookie")) {
      to.set("Cookie", cookies.toString());
    }
    if (from.contains("TE", "trailers", true)) {
      to.set("TE", "trailers");
    }
    inject(to, origin, prefix);
  }

  private static boolean passes(String name, Set<String> named) {
    return !name.startsWith(":")
        && !name.equals("host")
        && !name.equals("content-length")
        && !name.equals("trailer")
        && !HOP_BY_HOP.contains(name)
        && !named.contains(name)
        && !OURS.contains(name.replace('_', '-'));
  }

  private static void inject(MultiMap to, Origin origin, String prefix) {
    var scheme = origin.tls() ? "https" : "http";
    to.set("Host", origin.authority());
    to.set("X-Forwarded-For", origin.client());
    to.set("X-Real-Ip", origin.client());
    to.set("X-Forwarded-Proto", scheme);
    to.set("X-Scheme", scheme);
    to.set("X-Forwarded-Port", Integer.toString(origin.port()));
    to.set("X-Forwarded-Host", origin.authority());
    to.set("X-Request-ID", origin.id());
    if (!prefix.isEmpty()) {
      to.set("X-Forwarded-Prefix", prefix);
    }
  }

  /// From the instance to the client.
  static void toClient(MultiMap from, MultiMap to) {
    var named = named(from);
    for (var header : from) {
      var name = header.getKey().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name)
          && !named.contains(name)
          && !name.equalsIgnoreCase(ErrorPage.HEADER)) {
        to.add(header.getKey(), header.getValue());
      }
    }
  }

  private static Set<String> named(MultiMap headers) {
    var values = headers.getAll("Connection");
    if (values.isEmpty()) {
      return Set.of();
    }
    var named = new HashSet<String>();
    for (var value : values) {
      for (var token : value.split(",", -1)) {
        named.add(token.strip().toLowerCase(Locale.ROOT));
      }
    }
    return named;
  }

  static boolean connectionSays(MultiMap headers, String token) {
    return named(headers).contains(token);
  }
}
