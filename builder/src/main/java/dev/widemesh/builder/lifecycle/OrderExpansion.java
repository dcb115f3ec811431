package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.lifecycle.Buildpack.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Replaces composite buildpacks by what they stand for: every group that results is a list of
/// buildpacks that can be run. Depth first, left to right.
final class OrderExpansion {
  private static final int MOST_GROUPS = 10_000;

  private OrderExpansion() {}

  static List<List<Member>> expand(List<List<Member>> order, Map<String, Buildpack> known)
      throws BuildRefused {
    return expand(order, known, Set.of());
  }

  private static List<List<Member>> expand(
      List<List<Member>> order, Map<String, Buildpack> known, Set<String> trail)
      throws BuildRefused {
    var groups = new ArrayList<List<Member>>();
    for (var group : order) {
      groups.addAll(expandGroup(group, known, trail));
      requireFew(groups.size());
    }
    return groups;
  }

  private static List<List<Member>> expandGroup(
      List<Member> group, Map<String, Buildpack> known, Set<String> trail) throws BuildRefused {
    var results = List.of(List.<Member>of());
    for (var member : group) {
      results = crossed(results, choices(member, known, trail));
    }
    return results;
  }

  private static List<List<Member>> choices(
      Member member, Map<String, Buildpack> known, Set<String> trail) throws BuildRefused {
    var exact = known.containsKey(member.key());
    var found = exact ? member : new Member(member.id(), member.optional());
    var buildpack = known.get(found.key());
    if (buildpack == null) {
      throw BuildRefused.because(
          "there is no buildpack " + member.key(), "correct the order, or add the buildpack");
    }
    if (!buildpack.forProduction()) {
      return List.of(List.of());
    }
    if (buildpack.order().isEmpty()) {
      return List.of(List.of(found));
    }
    if (trail.contains(found.key())) {
      throw BuildRefused.because(
          "the buildpack %s contains itself".formatted(member.id()), "correct its order");
    }
    var deeper = Stream.concat(trail.stream(), Stream.of(found.key())).collect(Collectors.toSet());
    var inner = expand(buildpack.order(), known, deeper);
    return member.optional()
        ? Stream.concat(inner.stream(), Stream.of(List.<Member>of())).toList()
        : inner;
  }

  private static List<List<Member>> crossed(List<List<Member>> lefts, List<List<Member>> rights)
      throws BuildRefused {
    requireFew((long) lefts.size() * rights.size());
    return lefts.stream()
        .flatMap(left -> rights.stream().map(right -> joined(left, right)))
        .toList();
  }

  private static void requireFew(long groups) throws BuildRefused {
    if (groups > MOST_GROUPS) {
      throw BuildRefused.because(
          "the order of buildpacks has more than %d groups".formatted(MOST_GROUPS),
          "make the composite buildpacks simpler");
    }
  }

  /// A buildpack that the group has already is not added again.
  private static List<Member> joined(List<Member> left, List<Member> right) {
    var ids = left.stream().map(Member::id).collect(Collectors.toSet());
    return Stream.concat(left.stream(), right.stream().filter(m -> !ids.contains(m.id()))).toList();
  }
}
