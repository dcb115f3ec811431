package dev.widemesh.builder.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a lifecycle says in a label of the image that it made: which buildpacks took part, and
/// which processes the image can start.
public record BuildMetadata(List<Used> buildpacks, List<String> processes) {
  private static final String LABEL = "io.buildpacks.build.metadata";
  private static final String PLACE = "/cnb/process/";
  private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final int MOST = 200;
  private static final int LONGEST = 200;

  public record Used(String id, String version) {}

  public BuildMetadata {
    buildpacks = List.copyOf(buildpacks);
    processes = List.copyOf(processes);
  }

  static BuildMetadata of(Map<String, String> labels) throws IOException {
    var about = read(labels.getOrDefault(LABEL, ""));
    var buildpacks = new ArrayList<Used>();
    for (var each : about.path("buildpacks")) {
      buildpacks.add(new Used(shown(each.path("id")), shown(each.path("version"))));
    }
    var processes = new ArrayList<String>();
    for (var each : about.path("processes")) {
      var type = each.path("type").asText("");
      if (TYPE.matcher(type).matches()) {
        processes.add(type);
      }
    }
    if (buildpacks.size() > MOST || processes.size() > MOST) {
      throw new IOException("its label %s names more than %d things".formatted(LABEL, MOST));
    }
    return new BuildMetadata(buildpacks, processes);
  }

  private static JsonNode read(String label) throws IOException {
    try {
      return Json.MAPPER.readTree(label);
    } catch (IOException e) {
      throw new IOException("its label %s is no JSON".formatted(LABEL), e);
    }
  }

  private static String shown(JsonNode text) {
    var all = text.asText("");
    return all.length() > LONGEST ? all.substring(0, LONGEST) : all;
  }

  /// What starts the app: the process `web`, or what the image starts by itself, or its only one;
  /// empty where there is none. Each is a program of its own, which sets up its environment.
  public List<String> web(List<String> entrypoint) {
    var preset =
        entrypoint.size() == 1 && entrypoint.getFirst().startsWith(PLACE)
            ? Optional.of(entrypoint.getFirst().substring(PLACE.length()))
            : Optional.<String>empty();
    return Optional.of("web")
        .filter(processes::contains)
        .or(() -> preset.filter(processes::contains))
        .or(() -> processes.size() == 1 ? Optional.of(processes.getFirst()) : Optional.empty())
        .map(type -> List.of(PLACE + type))
        .orElse(List.of());
  }
}
