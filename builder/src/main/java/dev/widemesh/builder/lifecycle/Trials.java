package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.lifecycle.BuildPlan.Alternative;
import dev.widemesh.builder.lifecycle.BuildPlan.Requirement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds alternatives of the build plans that fit together: everything required is provided by the
/// same or an earlier buildpack, everything provided is required by the same or a later one.
final class Trials {
  /// A buildpack that matched, and its place in the group.
  record Candidate(Buildpack buildpack, boolean optional, BuildPlan plan) {}

  private record Option(Buildpack buildpack, boolean optional, Alternative alternative) {}

  /// Of all groups together: each costs some microseconds, and nobody can end it.
  private static final int MOST = 20_000;

  private int tried;

  Optional<Selection> select(List<Candidate> group) throws BuildRefused {
    return select(group, List.of());
  }

  private Optional<Selection> select(List<Candidate> rest, List<Option> chosen)
      throws BuildRefused {
    if (rest.isEmpty()) {
      if (++tried > MOST) {
        throw BuildRefused.because(
            "the build plans have more than %,d combinations".formatted(MOST),
            "name fewer alternatives ([[or]]) in them");
      }
      return settle(chosen);
    }
    var next = rest.getFirst();
    var alternatives = next.plan().alternatives();
    for (var i = 0; i < alternatives.size(); i++) {
      // An optional member may be left out only after its other alternatives were tried.
      var optional = next.optional() && i == alternatives.size() - 1;
      var more = new ArrayList<>(chosen);
      more.add(new Option(next.buildpack(), optional, alternatives.get(i)));
      var found = select(rest.subList(1, rest.size()), more);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /// Leaves out optional members until all requirements are met, or gives up.
  private static Optional<Selection> settle(List<Option> options) {
    var trial = options;
    while (!trial.isEmpty()) {
      var ledger = Ledger.of(trial);
      var misfits = trial.stream().filter(option -> ledger.misfits(option.buildpack())).toList();
      if (misfits.isEmpty()) {
        return Optional.of(
            new Selection(trial.stream().map(Option::buildpack).toList(), ledger.entries()));
      }
      if (misfits.stream().anyMatch(option -> !option.optional())) {
        return Optional.empty();
      }
      trial = trial.stream().filter(option -> !misfits.contains(option)).toList();
    }
    return Optional.empty();
  }

  /// Who provides and who requires each name.
  private static final class Ledger {
    private static final class Line {
      final List<Buildpack> unused = new ArrayList<>();
      final List<Buildpack> providers = new ArrayList<>();
      final List<Buildpack> unmet = new ArrayList<>();
      final List<Requirement> requires = new ArrayList<>();
    }

    private final Map<String, Line> lines = new LinkedHashMap<>();

    static Ledger of(List<Option> trial) {
      var ledger = new Ledger();
      for (var option : trial) {
        option.alternative().provides().forEach(name -> ledger.provide(option, name));
        option.alternative().requires().forEach(need -> ledger.require(option, need));
      }
      return ledger;
    }

    private void provide(Option option, String name) {
      line(name).unused.add(option.buildpack());
    }

    private void require(Option option, Requirement need) {
      var line = line(need.name());
      line.providers.addAll(line.unused);
      line.unused.clear();
      if (line.providers.isEmpty()) {
        line.unmet.add(option.buildpack());
      } else {
        line.requires.add(need);
      }
    }

    private Line line(String name) {
      return lines.computeIfAbsent(name, _ -> new Line());
    }

    boolean misfits(Buildpack buildpack) {
      return lines.values().stream()
          .flatMap(line -> Stream.concat(line.unused.stream(), line.unmet.stream()))
          .anyMatch(buildpack::equals);
    }

    List<Selection.Entry> entries() {
      return lines.values().stream()
          .filter(line -> !line.requires.isEmpty())
          .map(
              line ->
                  new Selection.Entry(
                      line.providers.stream().map(Buildpack::id).toList(), line.requires))
          .toList();
    }
  }
}
