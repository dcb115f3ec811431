package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.lifecycle.Buildpack.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Whose word counts about what a build looks at: that of every buildpack that was asked, since a
/// file may decide who builds the app; and of each that built it. `asked` has the patterns of
/// detection, `always` those of the platform.
record BuildReads(Map<Buildpack, List<String>> asked, List<String> always) {
  static final BuildReads EVERYTHING = new BuildReads(Map.of(), Reads.EVERYTHING);

  private static final int MOST = 1_000;
  private static final List<String> PLATFORM = List.of("/Procfile");

  BuildReads {
    asked = Map.copyOf(asked);
    always = List.copyOf(always);
  }

  /// Before the build: links of the app lead from one name to the content of another, and
  /// buildpacks that are folders of the app are files of it themselves.
  static BuildReads of(BuildRequest request, Catalogue all, Target target, Path workspace)
      throws IOException {
    var inApp = request.buildpacks().stream().anyMatch(each -> each instanceof Addition.InApp);
    return inApp || hasLinks(workspace) ? EVERYTHING : new BuildReads(asked(all, target), PLATFORM);
  }

  private static boolean hasLinks(Path workspace) throws IOException {
    try (var files = Files.walk(workspace)) {
      return files.anyMatch(Files::isSymbolicLink);
    }
  }

  private static Map<Buildpack, List<String>> asked(Catalogue all, Target target) {
    return all.groups().stream()
        .flatMap(List::stream)
        .map(Member::key)
        .distinct()
        .flatMap(key -> Stream.ofNullable(all.known().get(key)))
        .distinct()
        .filter(buildpack -> buildpack.runsOn(target))
        .collect(Collectors.toMap(buildpack -> buildpack, Buildpack::detectReads));
  }

  /// What one that built says stands for its detection, too.
  List<String> patterns(List<Contribution> contributions) {
    var built =
        contributions.stream()
            .collect(
                Collectors.toMap(
                    Contribution::buildpack, Contribution::reads, (_, _) -> Reads.EVERYTHING));
    var patterns = new TreeSet<>(always);
    built.values().forEach(patterns::addAll);
    asked.forEach(
        (buildpack, reads) -> {
          if (!built.containsKey(buildpack) || !reads.equals(Reads.EVERYTHING)) {
            patterns.addAll(reads);
          }
        });
    return patterns.size() > MOST ? Reads.EVERYTHING : List.copyOf(patterns);
  }
}
