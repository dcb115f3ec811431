package dev.widemesh.builder;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.Json;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The build of a stack of which nothing was said, and jobs that differ from others.
final class PlainJob {
  private PlainJob() {}

  static Job of(String stack, int version, String commit) {
    return new Job(
        UUID.randomUUID().toString(),
        stack,
        "test",
        stack,
        version,
        commit,
        "",
        null,
        null,
        "Dockerfile",
        "",
        null,
        false,
        null,
        Map.of(),
        List.of(),
        List.of(),
        null);
  }

  /// The same job but for these parts, by their names.
  static Job with(Job job, Map<String, ? extends @Nullable Object> changed) {
    var tree = Json.MAPPER.<ObjectNode>valueToTree(job);
    changed.forEach((name, value) -> tree.set(name, Json.MAPPER.valueToTree(value)));
    return Json.read(tree.toString(), Job.class);
  }
}
