package dev.widemesh.controller;

import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Route;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every route of [Route], and no other: who calls, whether they may, what they sent; then the
/// desk, and its answer or refusal as JSON.
final class HttpEdge {
  private static final Logger log = LoggerFactory.getLogger(HttpEdge.class);
  private static final int PUBLIC_LIMIT = 1_000_000;
  private static final int INTERNAL_LIMIT = 16_000_000;

  private final Tokens tokens;
  private final Access access;
  private final Operations operations;
  private final Desk desk;

  HttpEdge(Tokens tokens, Access access, Operations operations, Desk desk) {
    this.tokens = tokens;
    this.access = access;
    this.operations = operations;
    this.desk = desk;
  }

  Router router(Vertx vertx) {
    var router = Router.router(vertx);
    for (var route : Route.values()) {
      router
          .route(HttpMethod.valueOf(route.method()), route.path())
          .handler(context -> serve(route, context));
    }
    problemFor(router, 404, "no-such-route", "there is nothing at this path");
    problemFor(router, 405, "no-such-method", "this path does not take that method");
    problemFor(router, 400, "bad-request", "the request is malformed");
    return router;
  }

  private static void problemFor(Router router, int status, String code, String message) {
    router.errorHandler(
        status, context -> send(context, status, new Problem(code, message, "see /openapi.json")));
  }

  private void serve(Route route, RoutingContext context) {
    // Nothing is read before the caller is known.
    context.request().pause();
    try {
      var caller = tokens.caller(context.request().getHeader("Authorization"), address(context));
      var environment = context.pathParam("env");
      access.check(route, caller, environment == null ? "" : environment);
      var call = new Call(route, context, caller, body(route, context));
      answer(context, operations.around(call, () -> desk.answer(call)));
    } catch (Waiting.Stopped _) {
      log.debug("{} ends with the controller", route);
    } catch (RuntimeException e) {
      refuse(route, context, e);
    }
  }

  private static String address(RoutingContext context) {
    var remote = context.request().remoteAddress();
    return remote == null ? "" : String.valueOf(remote.hostAddress());
  }

  private static Buffer body(Route route, RoutingContext context) {
    if (route == Route.RACK_ANSWER) {
      return Buffer.buffer(); // A stream, read while it is passed on.
    }
    var limit = route.path().startsWith("/v1/") ? PUBLIC_LIMIT : INTERNAL_LIMIT;
    return BodyReader.read(context.request(), limit);
  }

  private static void answer(RoutingContext context, Answer answer) {
    switch (answer) {
      case Answer.Body(var status, var value) -> send(context, status, value);
      case Answer.Nothing _ -> end(context.response().setStatusCode(204), Buffer.buffer());
      case Answer.Streamed _ -> {}
    }
  }

  private static void send(RoutingContext context, int status, Object value) {
    var response = context.response().setStatusCode(status);
    response.putHeader("Content-Type", "application/json");
    response.putHeader("Cache-Control", "no-store");
    end(response, Buffer.buffer(Json.write(value)));
  }

  private static void end(HttpServerResponse response, Buffer body) {
    if (!response.ended() && !response.closed()) {
      var _ = response.end(body);
    }
  }

  private static void refuse(Route route, RoutingContext context, RuntimeException failure) {
    if (context.response().headWritten()) {
      log.debug("{} broke off: {}", route, failure.toString());
      var _ = context.request().connection().close();
      return;
    }
    var refusal = Refusals.of(route, failure);
    if (failure instanceof Refusal late && late.retryAfter() > 0) {
      context.response().putHeader("Retry-After", Long.toString(late.retryAfter()));
    }
    if (refusal.status() == 413) {
      context.response().putHeader("Connection", "close");
    }
    context.request().resume();
    send(context, refusal.status(), refusal.problem());
  }
}
