package dev.widemesh.router;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Optional;

/// What the parser lets through and a proxy must not: every proxy that disagrees with an instance
/// about where a request ends, or for whom it is, can be used against it.
sealed interface RequestCheck {
  /// `authority` as the client wrote it; `host` of it for look-up; `target` in origin form.
  record Valid(String authority, String host, String target, String path) implements RequestCheck {}

  record Invalid(Refusal refusal) implements RequestCheck {}

  static RequestCheck of(HttpServerRequest request) {
    var method = request.method();
    if (method.equals(HttpMethod.CONNECT) || method.equals(HttpMethod.TRACE)) {
      return new Invalid(Refusal.METHOD);
    }
    if (!headersAreClean(request) || !isClean(request.uri())) {
      return new Invalid(Refusal.MALFORMED);
    }
    return authority(request)
        .flatMap(authority -> valid(authority, request.uri(), method))
        .<RequestCheck>map(valid -> valid)
        .orElseGet(() -> new Invalid(Refusal.MALFORMED));
  }

  private static Optional<Valid> valid(String authority, String uri, HttpMethod method) {
    var target = originForm(uri, authority, method);
    return host(authority).flatMap(host -> target.map(t -> new Valid(authority, host, t, path(t))));
  }

  /// Exactly one, and over HTTP/2 no other beside `:authority`.
  private static Optional<String> authority(HttpServerRequest request) {
    var hosts = request.headers().getAll("Host");
    if (request.version() == HttpVersion.HTTP_2) {
      var authority = request.authority();
      return authority == null || hosts.size() > 1
          ? Optional.empty()
          : Optional.of(authority.toString());
    }
    return hosts.size() == 1 ? Optional.of(hosts.getFirst()) : Optional.empty();
  }

  /// The host without its port, or nothing where it is not a host.
  static Optional<String> host(String authority) {
    var bracket = authority.lastIndexOf(']');
    var colon = authority.indexOf(':', Math.max(bracket, 0));
    var host = colon < 0 ? authority : authority.substring(0, colon);
    var port = colon < 0 ? "" : authority.substring(colon + 1);
    var fine =
        !host.isEmpty()
            && host.length() < 256
            && host.chars().allMatch(RequestCheck::isHostCharacter)
            && port.length() <= 5
            && port.chars().allMatch(c -> c >= '0' && c <= '9');
    return fine ? Optional.of(Routing.key(host)) : Optional.empty();
  }

  private static boolean isHostCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._[]:".indexOf(c) >= 0;
  }

  /// A target in absolute form must name the same host, and loses it.
  private static Optional<String> originForm(String uri, String authority, HttpMethod method) {
    if (uri.startsWith("/")) {
      return Optional.of(uri);
    }
    if (uri.equals("*")) {
      return method.equals(HttpMethod.OPTIONS) ? Optional.of(uri) : Optional.empty();
    }
    var start = uri.indexOf("://");
    if (start < 0 || !uri.substring(0, start).matches("(?i)https?")) {
      return Optional.empty();
    }
    var rest = uri.substring(start + 3);
    var end = rest.split("[/?]", 2)[0].length();
    if (!rest.substring(0, end).equalsIgnoreCase(authority)) {
      return Optional.empty();
    }
    var target = rest.substring(end);
    return Optional.of(target.startsWith("/") ? target : "/" + target);
  }

  /// `OPTIONS *` concerns whoever is at the root.
  private static String path(String target) {
    if (target.equals("*")) {
      return "/";
    }
    var query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  private static boolean isClean(String uri) {
    return !uri.isEmpty() && uri.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }

  private static boolean headersAreClean(HttpServerRequest request) {
    for (var header : request.headers()) {
      var name = header.getKey();
      if (name.isEmpty() || !isToken(name) || !isValue(header.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isToken(String name) {
    for (var i = 0; i < name.length(); i++) {
      var c = name.charAt(i);
      var pseudo = i == 0 && c == ':';
      if (c <= 0x20 || c >= 0x7f || (!pseudo && "\"(),/:;<=>?@[\\]{}".indexOf(c) >= 0)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isValue(String value) {
    for (var i = 0; i < value.length(); i++) {
      var c = value.charAt(i);
      if ((c < 0x20 && c != '\t') || c == 0x7f) {
        return false;
      }
    }
    return true;
  }
}
