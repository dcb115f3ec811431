package dev.widemesh.controller;

import dev.widemesh.api.Json;
import dev.widemesh.model.Sealer;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/// One version of a stack's configuration, sealed in its row.
record Configuration(Map<String, Value> values) {
  Configuration {
    values = Map.copyOf(values);
  }

  record Value(String text, boolean secret) {}

  static Configuration read(Tx tx, Sealer sealer, UUID stack, int version) {
    return tx.one(
            "SELECT sealed FROM configuration WHERE stack = $1 AND version = $2", stack, version)
        .map(row -> sealer.open(row.getBuffer(0).getBytes(), place(stack, version)))
        .map(open -> new String(open, StandardCharsets.UTF_8))
        .map(text -> Json.read(text, Configuration.class))
        .orElseGet(() -> new Configuration(Map.of()));
  }

  void write(Tx tx, Sealer sealer, UUID stack, int version) {
    var open = Json.write(this).getBytes(StandardCharsets.UTF_8);
    tx.change(
        "INSERT INTO configuration (stack, version, sealed) VALUES ($1, $2, $3)",
        stack,
        version,
        Buffer.buffer(sealer.seal(open, place(stack, version))));
  }

  private static String place(UUID stack, int version) {
    return "configuration/" + stack + "/" + version;
  }

  /// What is no secret.
  Map<String, String> open() {
    var open = new TreeMap<String, String>();
    values.forEach(
        (name, value) -> {
          if (!value.secret()) {
            open.put(name, value.text());
          }
        });
    return open;
  }

  /// Those of these names that are secret.
  Map<String, String> secrets(Set<String> names) {
    var found = new TreeMap<String, String>();
    values.forEach(
        (name, value) -> {
          if (value.secret() && names.contains(name)) {
            found.put(name, value.text());
          }
        });
    return found;
  }

  /// As instances get it.
  Map<String, String> plain() {
    var plain = new TreeMap<String, String>();
    values.forEach((name, value) -> plain.put(name, value.text()));
    return plain;
  }
}
