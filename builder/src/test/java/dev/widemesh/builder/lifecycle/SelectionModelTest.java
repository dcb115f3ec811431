package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.lifecycle.BuildPlan.Alternative;
import dev.widemesh.builder.lifecycle.BuildPlan.Requirement;
import dev.widemesh.builder.lifecycle.Buildpack.Member;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is chosen, against the specification written down as plainly as can be: every group in
/// order, every combination of alternatives in order, the first one in which all fits.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
class SelectionModelTest {
  private static final int ROUNDS = 5_000;

  private final Random random = new Random(20260101);
  private final Map<String, Buildpack> known = new TreeMap<>();
  private final Map<String, Detection> detections = new HashMap<>();

  /// One that takes part in a trial with one of its alternatives.
  private record Taking(String id, boolean optional, Alternative alternative) {}

  @Test
  void what_is_chosen_is_what_the_specification_says() throws Exception {
    var chosen = 0;
    var several = 0;
    for (var round = 0; round < ROUNDS; round++) {
      var order = randomOrder();
      var groups = OrderExpansion.expand(order, known);
      var selection = Selection.choose(groups, known, detections);
      var ids = selection.map(s -> s.buildpacks().stream().map(Buildpack::id).toList());

      var expected = model(order);
      assertThat(ids).as("%s with %s", order, detections).isEqualTo(expected);
      chosen += ids.isPresent() ? 1 : 0;
      several += ids.filter(each -> each.size() > 1).isPresent() ? 1 : 0;
    }
    // Otherwise nothing was compared.
    assertThat(chosen).isBetween(ROUNDS / 20, ROUNDS * 19 / 20);
    assertThat(several).isGreaterThan(ROUNDS / 100);
  }

  private List<List<Member>> randomOrder() {
    known.clear();
    detections.clear();
    for (var id : List.of("a", "b", "c", "d")) {
      known.put(id, OrderExpansionTest.buildpack(id, List.of()));
      detections.put(
          id,
          random.nextInt(4) == 0
              ? new Detection.Passes()
              : new Detection.Matches(new BuildPlan(alternatives())));
    }
    known.put("x", OrderExpansionTest.buildpack("x", groups(2, List.of("a", "b", "c", "d"))));
    known.put("y", OrderExpansionTest.buildpack("y", groups(2, List.of("a", "c", "x"))));
    return groups(3, List.of("a", "b", "c", "d", "x", "y"));
  }

  private List<List<Member>> groups(int most, List<String> of) {
    return IntStream.rangeClosed(0, random.nextInt(2)).mapToObj(_ -> group(most, of)).toList();
  }

  private List<Member> group(int most, List<String> of) {
    return IntStream.rangeClosed(1, 1 + random.nextInt(most))
        .mapToObj(_ -> new Member(of.get(random.nextInt(of.size())), random.nextInt(3) == 0))
        .toList();
  }

  private List<Alternative> alternatives() {
    return IntStream.rangeClosed(0, random.nextInt(2))
        .mapToObj(_ -> new Alternative(names(), names().stream().map(this::required).toList()))
        .toList();
  }

  private List<String> names() {
    return random.nextInt(3) > 0 ? List.of() : List.of("p", "q").subList(0, 1 + random.nextInt(2));
  }

  private Requirement required(String name) {
    return new Requirement(name, Map.of());
  }

  // The model.

  private Optional<List<String>> model(List<List<Member>> order) {
    for (var group : expanded(order)) {
      var there = new ArrayList<Member>();
      var misses = false;
      for (var member : group) {
        var matches = detections.get(member.id()) instanceof Detection.Matches;
        misses |= !matches && !member.optional();
        if (matches) {
          there.add(member);
        }
      }
      if (!misses && !there.isEmpty()) {
        for (var trial : combinations(there)) {
          var fitting = fitting(trial);
          if (fitting.isPresent()) {
            return fitting;
          }
        }
      }
    }
    return Optional.empty();
  }

  private List<List<Member>> expanded(List<List<Member>> order) {
    var all = new ArrayList<List<Member>>();
    for (var group : order) {
      List<List<Member>> heads = List.of(List.of());
      for (var member : group) {
        var longer = new ArrayList<List<Member>>();
        for (var head : heads) {
          for (var tail : meanings(member)) {
            var both = new ArrayList<>(head);
            for (var each : tail) {
              if (both.stream().noneMatch(present -> present.id().equals(each.id()))) {
                both.add(each);
              }
            }
            longer.add(both);
          }
        }
        heads = longer;
      }
      all.addAll(heads);
    }
    return all;
  }

  private List<List<Member>> meanings(Member member) {
    var buildpack = known.get(member.id());
    if (buildpack == null || buildpack.order().isEmpty()) {
      return List.of(List.of(member));
    }
    var all = new ArrayList<>(expanded(buildpack.order()));
    if (member.optional()) {
      all.add(List.of());
    }
    return List.copyOf(all);
  }

  private List<List<Taking>> combinations(List<Member> members) {
    List<List<Taking>> heads = List.of(List.of());
    for (var member : members) {
      var longer = new ArrayList<List<Taking>>();
      for (var head : heads) {
        if (detections.get(member.id()) instanceof Detection.Matches(var plan)) {
          var last = plan.alternatives().size() - 1;
          for (var i = 0; i <= last; i++) {
            var both = new ArrayList<>(head);
            var optional = member.optional() && i == last;
            both.add(new Taking(member.id(), optional, plan.alternatives().get(i)));
            longer.add(both);
          }
        }
      }
      heads = longer;
    }
    return heads;
  }

  private static Optional<List<String>> fitting(List<Taking> trial) {
    var left = trial;
    while (!left.isEmpty()) {
      var now = left;
      var misfits =
          IntStream.range(0, now.size()).filter(i -> !fits(now, i)).mapToObj(now::get).toList();
      if (misfits.isEmpty()) {
        return Optional.of(left.stream().map(Taking::id).toList());
      }
      if (misfits.stream().anyMatch(each -> !each.optional())) {
        return Optional.empty();
      }
      left = left.stream().filter(each -> !misfits.contains(each)).toList();
    }
    return Optional.empty();
  }

  /// All that it requires is provided until then, all that it provides is required from then on.
  private static boolean fits(List<Taking> all, int at) {
    var provided = new ArrayList<String>();
    all.subList(0, at + 1).forEach(each -> provided.addAll(each.alternative().provides()));
    var required = new ArrayList<String>();
    all.subList(at, all.size()).forEach(each -> required.addAll(requires(each)));
    return provided.containsAll(requires(all.get(at)))
        && required.containsAll(all.get(at).alternative().provides());
  }

  private static Set<String> requires(Taking taking) {
    return Set.copyOf(
        taking.alternative().requires().stream().map(Requirement::name).distinct().toList());
  }
}
