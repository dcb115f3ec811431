package dev.widemesh.controller;

import dev.widemesh.api.Survey;
import dev.widemesh.api.Views.Finding;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// What the looks of one checkup showed of the images that are kept. There may be many: the builder
/// looks at some in a while and is asked for the rest, and later looks ask only for what was not
/// whole. What an image lacks in every look is a finding. Pure.
final class ImageLooks {
  private List<String> wanted = List.of();
  private final Set<String> whole = new HashSet<>();
  private final Map<String, Set<String>> lacking = new HashMap<>();

  /// Those of all that are wanted now that a look is to ask for.
  List<String> open(List<String> images) {
    wanted = List.copyOf(images);
    lacking.keySet().retainAll(new HashSet<>(images));
    var suspects = wanted.stream().filter(lacking::containsKey);
    return Stream.concat(suspects, unseen().stream()).limit(Survey.MOST).toList();
  }

  /// Those that no look had time for.
  List<String> unseen() {
    return wanted.stream()
        .filter(image -> !whole.contains(image) && !lacking.containsKey(image))
        .limit(Survey.MOST)
        .toList();
  }

  void answered(List<String> asked, Survey.Images answer) {
    var lacks = new HashMap<String, Set<String>>();
    for (var damage : answer.damages()) {
      lacks.computeIfAbsent(damage.image(), _ -> new HashSet<>()).add(damage.lacks());
    }
    for (var image : asked.subList(0, Math.clamp(answer.looked(), 0, asked.size()))) {
      seen(image, lacks.getOrDefault(image, Set.of()));
    }
  }

  private void seen(String image, Set<String> lacks) {
    var still = new HashSet<>(lacking.getOrDefault(image, lacks));
    still.retainAll(lacks);
    if (lacks.isEmpty()) {
      lacking.remove(image);
      whole.add(image);
    } else {
      // Damage that is told in other words each time is damage all the same.
      lacking.put(image, still.isEmpty() ? lacks : still);
    }
  }

  int looked() {
    return Math.toIntExact(
        wanted.stream()
            .filter(image -> whole.contains(image) || lacking.containsKey(image))
            .count());
  }

  boolean hasSuspects() {
    return !lacking.isEmpty();
  }

  /// Where nothing was looked at the builder is silent, which is a finding already.
  Set<Finding> findings() {
    var findings = Findings.about("builder");
    for (var lacks : lacking.values()) {
      lacks.forEach(
          what ->
              findings.add(
                  "the registry lacks " + what,
                  "push the stack again: what is missing is made anew"));
    }
    if (looked() > 0 && looked() < wanted.size()) {
      findings.add(
          "only %d of %d images were looked at in time".formatted(looked(), wanted.size()),
          "ask again when less goes on there");
    }
    return findings.all();
  }
}
