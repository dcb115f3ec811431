package dev.widemesh.rack;

import dev.widemesh.api.rack.EnvironmentDefinition.Job;
import dev.widemesh.api.rack.InstanceSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What a container says about itself: enough to drain, stop and account for it when nothing else
/// remembers it. `job` is empty for an instance, `set` and `instance` for a job.
record Labels(
    String environment,
    String set,
    String instance,
    int index,
    String stack,
    String service,
    String hostname,
    String deployment,
    String job,
    int port,
    int graceSeconds) {
  static final String PLATFORM = "dev.widemesh.platform";
  static final String ENVIRONMENT = "dev.widemesh.environment";
  static final String PREFIX = "dev.widemesh.";

  static Labels of(String environment, InstanceSet set, int index) {
    var spec = set.spec();
    return new Labels(
        environment,
        set.id(),
        set.instance(index),
        index,
        set.stack(),
        set.service(),
        set.hostname(),
        set.deployment(),
        "",
        spec.port(),
        spec.graceSeconds());
  }

  static Labels of(String environment, Job job) {
    return new Labels(
        environment,
        "",
        "",
        1,
        job.stack(),
        job.name(),
        "",
        job.deployment(),
        job.id(),
        0,
        job.spec().graceSeconds());
  }

  boolean isJob() {
    return !job.isEmpty();
  }

  /// As people call it: `web.1`.
  String label() {
    return service + "." + index;
  }

  Map<String, String> onDocker(String platform) {
    var map = new HashMap<String, String>();
    map.put(PLATFORM, platform);
    map.put(ENVIRONMENT, environment);
    map.put(PREFIX + "set", set);
    map.put(PREFIX + "instance", instance);
    map.put(PREFIX + "index", Integer.toString(index));
    map.put(PREFIX + "stack", stack);
    map.put(PREFIX + "service", service);
    map.put(PREFIX + "hostname", hostname);
    map.put(PREFIX + "deployment", deployment);
    map.put(PREFIX + "job", job);
    map.put(PREFIX + "port", Integer.toString(port));
    map.put(PREFIX + "grace", Integer.toString(graceSeconds));
    return map;
  }

  /// Empty where it is no instance or job of ours.
  static Optional<Labels> read(Map<String, String> map) {
    if (!map.containsKey(ENVIRONMENT) || !map.containsKey(PREFIX + "grace")) {
      return Optional.empty();
    }
    return Optional.of(
        new Labels(
            text(map, "environment"),
            text(map, "set"),
            text(map, "instance"),
            number(map, "index"),
            text(map, "stack"),
            text(map, "service"),
            text(map, "hostname"),
            text(map, "deployment"),
            text(map, "job"),
            number(map, "port"),
            number(map, "grace")));
  }

  private static String text(Map<String, String> map, String name) {
    return map.getOrDefault(PREFIX + name, "");
  }

  private static int number(Map<String, String> map, String name) {
    var text = text(map, name);
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }
}
