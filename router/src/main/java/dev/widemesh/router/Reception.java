package dev.widemesh.router;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/// Receives every request of one listener on one lane: checks it, finds where it goes, and starts
/// its exchange.
final class Reception {
  private final Lane lane;
  private final Door door;
  private final Directory directory;
  private final Certificates certificates;
  private final Settings settings;
  private final Map<HttpConnection, Visitor> visitors = new HashMap<>();

  Reception(
      Lane lane, Door door, Directory directory, Certificates certificates, Settings settings) {
    this.lane = lane;
    this.door = door;
    this.directory = directory;
    this.certificates = certificates;
    this.settings = settings;
  }

  void connected(HttpConnection connection) {
    if (!directory.welcome(door, connection.remoteAddress())
        || lane.visitors() >= Settings.VISITORS) {
      connection.close();
      return;
    }
    var visitor = new Visitor(lane, connection, settings);
    visitors.put(connection, visitor);
    visitor.came(() -> visitors.remove(connection));
  }

  void request(HttpServerRequest request) {
    var inquiry = inquiry(request);
    if (inquiry.isEmpty()) {
      return;
    }
    if (!inquiry.get().remember()) {
      inquiry.get().refuse(Refusal.FULL, "");
      return;
    }
    switch (RequestCheck.of(request)) {
      case RequestCheck.Invalid(var refusal) -> inquiry.get().refuse(refusal, "");
      case RequestCheck.Valid valid -> {
        inquiry.get().about(valid);
        receive(inquiry.get(), valid);
      }
    }
  }

  /// What the parser itself could not read.
  void invalid(HttpServerRequest request) {
    var cause = String.valueOf(request.decoderResult().cause());
    var refusal =
        cause.contains("TooLongHttpLine")
            ? Refusal.LONG_LINE
            : cause.contains("TooLongHttpHeader") ? Refusal.LONG_HEADERS : Refusal.MALFORMED;
    inquiry(request).ifPresent(inquiry -> inquiry.refuse(refusal, ""));
  }

  private Optional<Inquiry> inquiry(HttpServerRequest request) {
    var visitor = visitors.get(request.connection());
    if (visitor == null || visitor.isLast()) {
      request.connection().close();
      return Optional.empty();
    }
    return Optional.of(new Inquiry(lane, request, visitor));
  }

  private void receive(Inquiry inquiry, RequestCheck.Valid valid) {
    var request = inquiry.request();
    if (request.isSSL() && !covered(request, valid.host())) {
      inquiry.refuse(Refusal.MISDIRECTED, "");
      return;
    }
    var to =
        directory.find(
            door, request.localAddress(), request.remoteAddress(), valid.host(), valid.path());
    switch (to) {
      case Destination.None(var refusal) -> inquiry.refuse(refusal, "");
      case Destination.Stranger _ -> {
        inquiry.breakOff();
        inquiry.done();
      }
      case Destination.Found found -> exchange(inquiry, valid, found).begin();
    }
  }

  private boolean covered(HttpServerRequest request, String host) {
    SSLSession session = request.sslSession();
    var local = session == null ? null : session.getLocalCertificates();
    return local != null
        && local.length > 0
        && local[0] instanceof X509Certificate served
        && certificates.covers(served, host);
  }

  private Exchange exchange(Inquiry inquiry, RequestCheck.Valid valid, Destination.Found found) {
    var request = inquiry.request();
    var origin =
        new Headers.Origin(
            inquiry.client(),
            request.isSSL(),
            request.localAddress().port(),
            valid.authority(),
            inquiry.id());
    var plan = new PlainExchange.Plan(found, target(valid, found.prefix()), origin);
    return TunnelExchange.wanted(request)
        ? new TunnelExchange(lane, inquiry, plan, directory, settings)
        : new PlainExchange(lane, inquiry, plan, directory, settings);
  }

  private static String target(RequestCheck.Valid valid, String prefix) {
    var rest = valid.target().substring(prefix.length());
    return rest.startsWith("/") || rest.equals("*") ? rest : "/" + rest;
  }
}
