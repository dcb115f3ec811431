package dev.widemesh.rack;

import com.github.dockerjava.api.exception.DockerException;
import dev.widemesh.api.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What Docker said, in its own words and one line.
final class Refusals {
  private static final int LONGEST = 500;

  private Refusals() {}

  static String reason(@Nullable Throwable failure) {
    var text = failure instanceof DockerException docker ? inner(docker) : plain(failure);
    var line = text.replaceAll("\\s+", " ").strip();
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
  }

  private static String plain(@Nullable Throwable failure) {
    if (failure == null) {
      return "no reason given";
    }
    var message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  /// Docker's errors read `Status 400: {"message":"…"}`.
  private static String inner(DockerException failure) {
    var message = plain(failure);
    var json = message.indexOf('{');
    if (json < 0) {
      return message;
    }
    try {
      var map = Json.read(message.substring(json), Map.class);
      return String.valueOf(map.get("message"));
    } catch (IllegalArgumentException _) {
      return message;
    }
  }
}
