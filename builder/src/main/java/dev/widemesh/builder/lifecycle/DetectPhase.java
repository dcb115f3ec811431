package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.lifecycle.Buildpack.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// Asks every buildpack of the order "is this yours?", all in one go.
final class DetectPhase {
  private static final int NO = 100;

  private final Catalogue catalogue;
  private final WorkFolders work;
  private final Target target;

  DetectPhase(Catalogue catalogue, WorkFolders work, Target target) {
    this.catalogue = catalogue;
    this.work = work;
    this.target = target;
  }

  /// Leaves the container paused.
  Map<String, Detection> run(BuildContainer container, PhaseEnvironment base, Duration limit)
      throws IOException, InterruptedException, TimeoutException, BuildRefused {
    var answers = new HashMap<String, Detection>();
    var asked = new ArrayList<Map.Entry<String, Buildpack>>();
    for (var concerned : concerned().entrySet()) {
      if (concerned.getValue().runsOn(target)) {
        asked.add(concerned);
      } else {
        answers.put(concerned.getKey(), new Detection.Foreign(concerned.getValue().madeFor()));
      }
    }
    var script = script(asked.stream().map(Map.Entry::getValue).toList(), base.user().keySet());
    container.run(List.of("/bin/bash", "-c", script), base.copy(false), _ -> {}, limit);
    // What a script left running could put links in the way of all that is read and written now.
    container.pause();
    for (var i = 0; i < asked.size(); i++) {
      answers.put(asked.get(i).getKey(), answer(work.run().resolve(String.valueOf(i))));
    }
    return answers;
  }

  /// By their keys.
  private Map<String, Buildpack> concerned() {
    var found = new LinkedHashMap<String, Buildpack>();
    catalogue.groups().stream()
        .flatMap(List::stream)
        .map(Member::key)
        .forEach(
            key ->
                Stream.ofNullable(catalogue.known().get(key))
                    .forEach(buildpack -> found.put(key, buildpack)));
    return found;
  }

  private static String script(List<Buildpack> asked, Set<String> user) {
    var script = new StringBuilder("umask 022\n");
    var clear = user.isEmpty() ? ":" : "unset " + String.join(" ", user);
    for (var i = 0; i < asked.size(); i++) {
      var inside = LauncherScript.quote(asked.get(i).inside());
      script.append(
          """
          (
            d=/cnb/run/%d; mkdir "$d"; : >"$d/plan"
            %s
            export CNB_BUILDPACK_DIR=%s CNB_BUILD_PLAN_PATH=$d/plan
            "$CNB_BUILDPACK_DIR/bin/detect" /platform "$d/plan" >"$d/output" 2>&1 </dev/null
            echo $? >"$d/code"
          ) &
          """
              .formatted(i, asked.get(i).clearEnvironment() ? clear : ":", inside));
    }
    return script.append("wait\n").toString();
  }

  private Detection answer(Path folder) throws IOException, BuildRefused {
    var guard = new Contained(work.run());
    var code = folder.resolve("code");
    var said = guard.isFile(code) ? Files.readString(code).strip() : "";
    var exit = said.matches("\\d{1,3}") ? Integer.parseInt(said) : -1;
    return switch (exit) {
      case 0 -> new Detection.Matches(plan(guard, folder.resolve("plan")));
      case NO -> new Detection.Passes();
      default -> new Detection.Breaks(exit, output(guard, folder.resolve("output")));
    };
  }

  private static BuildPlan plan(Contained guard, Path file) throws IOException, BuildRefused {
    if (!guard.isFile(file)) {
      throw BuildRefused.because("a buildpack removed its plan", "correct the buildpack");
    }
    return BuildPlan.parse(TomlFile.read(file));
  }

  private static List<String> output(Contained guard, Path file) throws IOException {
    if (!guard.isFile(file)) {
      return List.of();
    }
    var lines = new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.UTF_8);
    var all = lines.lines().toList();
    return all.subList(Math.max(0, all.size() - 20), all.size());
  }
}
