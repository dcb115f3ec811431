package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import dev.widemesh.model.BuildpackReference;
import dev.widemesh.model.SourcePath;
import dev.widemesh.model.TargetStage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a push says besides, with `git push -o NAME=VALUE`: for this deployment alone, but for the
/// buildpacks, which are the stack's from then on.
record PushOptions(Map<String, String> values, List<String> buildpacks) {
  private static final Set<String> FORMULAS = Set.of("buildpack", "dockerfile");
  private static final String USE =
      "git push -o root=services/api, -o formula=buildpack, -o dockerfile=docker/web.Dockerfile,"
          + " -o target=build, -o buildpack=widemesh/nodejs";

  static PushOptions parse(List<String> options) throws Refused {
    var values = new HashMap<String, String>();
    var buildpacks = new ArrayList<String>();
    for (var option : options) {
      var equals = option.indexOf('=');
      var name = equals < 0 ? "" : option.substring(0, equals);
      var value = option.substring(equals + 1);
      switch (name) {
        case "root", "dockerfile" -> values.put(name, path(value));
        case "formula" -> values.put(name, formula(value));
        case "target" -> values.put(name, stage(value));
        case "buildpack" -> buildpacks.add(buildpack(value));
        default -> throw new Refused("there is no push option '%s'".formatted(shown(option)), USE);
      }
    }
    if (values.containsKey("dockerfile")) {
      var formula = values.putIfAbsent("formula", "dockerfile");
      if ("buildpack".equals(formula)) {
        throw new Refused("a build with buildpacks reads no Dockerfile", USE);
      }
    }
    if (!buildpacks.isEmpty() && "dockerfile".equals(values.putIfAbsent("formula", "buildpack"))) {
      throw new Refused("a build with a Dockerfile asks no buildpack", USE);
    }
    var isStaged = !values.getOrDefault("target", "").isEmpty();
    if (isStaged && "buildpack".equals(values.get("formula"))) {
      throw new Refused("a build with buildpacks has no stages", USE);
    }
    return new PushOptions(values, List.copyOf(buildpacks));
  }

  private static String formula(String word) throws Refused {
    if (!FORMULAS.contains(word)) {
      throw new Refused("there is no formula '%s'".formatted(shown(word)), USE);
    }
    return word;
  }

  private static String buildpack(String text) throws Refused {
    var refusal = BuildpackReference.refusal(text);
    if (refusal.isPresent()) {
      throw new Refused(Screen.clean(refusal.get()), BuildpackReference.nextStep(text));
    }
    return text;
  }

  private static String path(String text) throws Refused {
    var refusal = SourcePath.refusal(text);
    if (refusal.isPresent()) {
      throw new Refused(Screen.clean(refusal.get()), USE);
    }
    return new SourcePath(text).value();
  }

  private static String stage(String text) throws Refused {
    var refusal = TargetStage.refusal(text);
    if (refusal.isPresent()) {
      throw new Refused(Screen.clean(refusal.get()), USE);
    }
    return new TargetStage(text).value();
  }

  private static String shown(String text) {
    return Screen.clean(text.length() > 60 ? text.substring(0, 60) + "..." : text);
  }

  GitWire.Choices choices() {
    return new GitWire.Choices(
        values.get("root"),
        values.get("formula"),
        values.get("dockerfile"),
        values.get("target"),
        buildpacks.isEmpty() ? null : buildpacks);
  }
}
