package dev.widemesh.controller;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.UUID;

/// One request, after its caller was found to be allowed.
record Call(Route route, RoutingContext context, Caller caller, Buffer body) {
  private static final ObjectMapper STRICT =
      Json.MAPPER.copy().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  Caller.Person person() {
    if (caller instanceof Caller.Person person) {
      return person;
    }
    throw Refusal.forbidden("this needs the token of an account", "mesh login");
  }

  Caller.Rack rack() {
    if (caller instanceof Caller.Rack rack) {
      return rack;
    }
    throw Refusal.forbidden("this needs the token of a rack", "use the rack's own credential");
  }

  String parameter(String name) {
    var value = context.pathParam(name);
    return value == null ? "" : value;
  }

  /// The number after an optional `v`.
  int version() {
    var text = parameter("version");
    return number(text.startsWith("v") ? text.substring(1) : text, "a version like v3");
  }

  UUID id(String parameter) {
    return uuid(parameter(parameter));
  }

  static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException _) {
      throw Refusal.bad("bad-id", "not an id: " + text, null);
    }
  }

  Optional<String> query(String name) {
    var values = context.queryParam(name);
    return values.isEmpty() || values.getFirst().isEmpty()
        ? Optional.empty()
        : Optional.of(values.getFirst());
  }

  boolean flag(String name) {
    return query(name).filter("true"::equals).isPresent();
  }

  long numeric(String name, long otherwise) {
    return query(name).map(text -> longNumber(text, "a number for " + name)).orElse(otherwise);
  }

  private static int number(String text, String what) {
    return Math.toIntExact(Math.min(longNumber(text, what), Integer.MAX_VALUE));
  }

  private static long longNumber(String text, String what) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException _) {
      throw Refusal.bad("bad-number", "'" + text + "' is not " + what, null);
    }
  }

  /// What people send may hold only the fields that exist; our own parts may be newer than we are.
  <T> T body(Class<T> type) {
    var mapper = route.path().startsWith("/v1/") ? STRICT : Json.MAPPER;
    try {
      var text = body.length() == 0 ? "{}" : body.toString();
      var value = mapper.readValue(text, type);
      if (value == null) {
        throw Refusal.bad("bad-json", "the body is null", "see /openapi.json");
      }
      return value;
    } catch (UnrecognizedPropertyException e) {
      throw Refusal.bad(
          "unknown-field",
          "no field '" + e.getPropertyName() + "' in " + type.getSimpleName(),
          "use one of " + e.getKnownPropertyIds());
    } catch (JsonProcessingException e) {
      throw Refusal.bad(
          "bad-json", "the body is not " + type.getSimpleName() + " in JSON", "see /openapi.json");
    }
  }

  HttpServerResponse response() {
    return context.response();
  }

  boolean isGone() {
    return response().closed();
  }
}
