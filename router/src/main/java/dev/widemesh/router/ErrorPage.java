package dev.widemesh.router;

import dev.widemesh.api.Json;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;

/// The small page of a [Refusal]: HTML for browsers, JSON for programs that ask for it, or a line.
final class ErrorPage {
  static final String HEADER = "X-Widemesh-Error";

  private ErrorPage() {}

  static void send(HttpServerResponse response, Refusal refusal, String id, String accept) {
    var wanted = accept.toLowerCase(java.util.Locale.ROOT);
    response.setStatusCode(refusal.status());
    response.headers().set(HEADER, refusal.code());
    response.headers().set("X-Request-ID", id);
    response.headers().set("Cache-Control", "no-store");
    if (wanted.contains("text/html")) {
      write(response, "text/html; charset=utf-8", html(refusal, id));
    } else if (wanted.contains("json")) {
      write(response, "application/json", json(refusal, id));
    } else {
      var line = "%s %s: %s".formatted(refusal.code(), refusal.title(), refusal.text());
      write(response, "text/plain; charset=utf-8", line + "\n");
    }
  }

  private static void write(HttpServerResponse response, String type, String body) {
    response.headers().set("Content-Type", type);
    response.end(body);
  }

  private static String json(Refusal refusal, String id) {
    var body = new LinkedHashMap<String, String>();
    body.put("code", refusal.code());
    body.put("message", refusal.title() + ": " + refusal.text());
    body.put("request", id);
    return Json.write(body) + "\n";
  }

  private static String html(Refusal refusal, String id) {
    return """
        <!doctype html>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>%1$s</title>
        <style>body{font:16px/1.5 system-ui;max-width:36em;margin:15vh auto;padding:0 1em}small{color:#777}</style>
        <h1>%1$s</h1>
        <p>%2$s</p>
        <p><small>%3$s &middot; %4$s</small></p>
        """
        .formatted(refusal.title(), refusal.text(), refusal.code(), id);
  }
}
