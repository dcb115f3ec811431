package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.lifecycle.BuildPlan.Requirement;
import dev.widemesh.builder.lifecycle.Buildpack.Member;
import dev.widemesh.builder.lifecycle.Trials.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The buildpacks that build the app, in order, and who gets which requirements.
record Selection(List<Buildpack> buildpacks, List<Entry> entries) {
  /// Requirements of one name, and the buildpacks (ids) that provide it.
  record Entry(List<String> providers, List<Requirement> requires) {
    Entry {
      providers = List.copyOf(providers);
      requires = List.copyOf(requires);
    }
  }

  Selection {
    buildpacks = List.copyOf(buildpacks);
    entries = List.copyOf(entries);
  }

  /// The first group that fits.
  static Optional<Selection> choose(
      List<List<Member>> groups, Map<String, Buildpack> known, Map<String, Detection> detections)
      throws BuildRefused {
    var trials = new Trials();
    for (var group : groups) {
      var candidates = candidates(group, known, detections);
      var found =
          candidates.isPresent() ? trials.select(candidates.get()) : Optional.<Selection>empty();
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /// Empty when a required member does not match, or none does.
  private static Optional<List<Candidate>> candidates(
      List<Member> group, Map<String, Buildpack> known, Map<String, Detection> detections) {
    var matching = new ArrayList<Candidate>();
    for (var member : group) {
      var buildpack = known.get(member.key());
      if (buildpack != null
          && detections.get(member.key()) instanceof Detection.Matches(var plan)) {
        matching.add(new Candidate(buildpack, member.optional(), plan));
      } else if (!member.optional()) {
        return Optional.empty();
      }
    }
    return matching.isEmpty() ? Optional.empty() : Optional.of(matching);
  }

  List<Requirement> planFor(Buildpack buildpack) {
    return entries.stream()
        .filter(entry -> entry.providers().contains(buildpack.id()))
        .flatMap(entry -> entry.requires().stream())
        .toList();
  }

  /// What is left for later buildpacks: what this one was given it has met, except `unmet`.
  Selection metBy(Buildpack buildpack, List<String> unmet) {
    return new Selection(
        buildpacks,
        entries.stream()
            .filter(
                entry ->
                    !entry.providers().contains(buildpack.id())
                        || entry.requires().stream().anyMatch(r -> unmet.contains(r.name())))
            .toList());
  }
}
