package dev.widemesh.builder.dockerfile;

import com.google.common.base.Splitter;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// One `--mount` of RUN. Its keys are read as BuildKit does, in capitals too and by their other
/// names, the last of two counts; and it is written out with one name for each.
record Mount(Map<String, String> fields) {
  static final String FLAG = "--mount=";

  private static final Set<String> TYPES = Set.of("bind", "cache", "tmpfs", "secret");
  private static final Set<String> SWITCHES = Set.of("readonly", "readwrite", "required");
  private static final Set<String> VALUES =
      Set.of(
          "type", "from", "source", "target", "size", "id", "sharing", "mode", "uid", "gid", "env");
  private static final Map<String, String> OTHER_NAMES =
      Map.of(
          "src",
          "source",
          "dst",
          "target",
          "destination",
          "target",
          "ro",
          "readonly",
          "rw",
          "readwrite");
  private static final Pattern SECRET = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");

  Mount {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields)); // in their order
  }

  static Mount parse(Instruction where, String flag) throws BuildRefused {
    var fields = new LinkedHashMap<String, String>();
    for (var field : Splitter.on(',').split(flag.substring(FLAG.length()))) {
      var written = field.replaceFirst("=.*", "").toLowerCase(Locale.ROOT);
      var key = OTHER_NAMES.getOrDefault(written, written);
      requireKnown(where, field, key);
      fields.remove(key);
      fields.put(key, field.contains("=") ? field.substring(field.indexOf('=') + 1) : "true");
    }
    var type = fields.getOrDefault("type", "bind").toLowerCase(Locale.ROOT);
    if (!TYPES.contains(type)) {
      throw where.refused(
          "RUN --mount=type=%s is not possible here".formatted(type),
          "use bind, cache, tmpfs or secret");
    }
    fields.computeIfPresent("type", (_, _) -> type);
    return new Mount(fields);
  }

  private static void requireKnown(Instruction where, String field, String key)
      throws BuildRefused {
    if (!SWITCHES.contains(key) && !(VALUES.contains(key) && field.contains("="))) {
      throw where.refused(
          "RUN --mount has no option '%s'".formatted(field), "write key=value, as type=cache");
    }
  }

  Optional<String> from() {
    return value("from");
  }

  private Optional<String> value(String key) {
    return Optional.ofNullable(fields.get(key));
  }

  Mount withFrom(String from) {
    var changed = new LinkedHashMap<>(fields);
    changed.put("from", from);
    return new Mount(changed);
  }

  /// The name of the secret that it mounts: its source, else its id, else the last part of its
  /// target.
  Optional<String> secret(Instruction where) throws BuildRefused {
    if (!value("type").equals(Optional.of("secret"))) {
      return Optional.empty();
    }
    var name =
        value("source")
            .filter(source -> !source.isEmpty())
            .or(() -> value("id").filter(id -> !id.isEmpty()))
            .or(() -> value("target").map(path -> path.replaceFirst(".*/", "")))
            .orElse("");
    if (!SECRET.matcher(name).matches()) {
      throw where.refused(
          "RUN --mount=type=secret names no secret of the stack",
          "write id=NAME, as in mesh config set --secret NAME");
    }
    return Optional.of(name);
  }

  /// Of a secret, which is there or ends the build.
  Mount of(String secret) {
    var changed = new LinkedHashMap<>(fields);
    changed.remove("source");
    changed.put("id", secret);
    changed.put("required", "true");
    return new Mount(changed);
  }

  String flag() {
    return FLAG
        + String.join(
            ",", fields.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
  }
}
