package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What of a Dockerfile one of its stages needs: the stages that it begins with or takes files
/// from, and what those need. The others are not built, and their base images not asked for.
final class NeededStages {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,4}");
  private static final int MOST_NAMED = 20;
  private static final int LONGEST_NAMED = 60;

  private final Dockerfile dockerfile;
  private final GlobalArguments arguments;
  private final List<Instruction> before = new ArrayList<>();
  private final List<List<Instruction>> stages = new ArrayList<>();
  private final List<String> names = new ArrayList<>();

  private NeededStages(Dockerfile dockerfile, Map<String, String> offered) throws BuildRefused {
    this.dockerfile = dockerfile;
    this.arguments = new GlobalArguments(offered);
    var known = new Stages(dockerfile.stages());
    for (var instruction : dockerfile.instructions()) {
      if (instruction.keyword().equals("FROM")) {
        begin(instruction, known);
      } else if (stages.isEmpty() && instruction.keyword().equals("ARG")) {
        arguments.declare(instruction);
      }
      (stages.isEmpty() ? before : stages.getLast()).add(instruction);
    }
  }

  private void begin(Instruction instruction, Stages known) throws BuildRefused {
    var name = From.of(instruction).name();
    known.begin(instruction, name);
    names.add(name);
    stages.add(new ArrayList<>());
  }

  /// The Dockerfile up to the stage `target`, of which the name or the number is given, or all of
  /// it where that is empty. `offered` are values for its arguments.
  static Dockerfile of(Dockerfile dockerfile, String target, Map<String, String> offered)
      throws BuildRefused {
    if (target.isEmpty()) {
      return dockerfile;
    }
    var all = new NeededStages(dockerfile, offered);
    var number = all.number(target);
    if (number.isEmpty()) {
      throw BuildRefused.because(
          "the Dockerfile has no stage '%s', only %s".formatted(target, all.named()),
          "name one of those with --target, or '' for the last: mesh stack update --target STAGE");
    }
    return all.only(all.needed(number.get()));
  }

  private Dockerfile only(SortedSet<Integer> numbers) {
    var kept = new ArrayList<>(before);
    numbers.forEach(number -> kept.addAll(stages.get(number)));
    return new Dockerfile(kept, dockerfile.escape(), dockerfile.stages());
  }

  private SortedSet<Integer> needed(int target) throws BuildRefused {
    var needed = new TreeSet<>(List.of(target));
    for (var at = target; at >= 0; at--) {
      if (needed.contains(at)) {
        needed.addAll(below(at));
      }
    }
    return needed;
  }

  /// Those that a stage names itself: only stages before it can be meant.
  private List<Integer> below(int at) throws BuildRefused {
    var found = new ArrayList<Integer>();
    for (var instruction : stages.get(at)) {
      for (var source : sources(instruction)) {
        number(source).filter(number -> number < at).ifPresent(found::add);
      }
    }
    return found;
  }

  /// What an instruction takes from elsewhere: stages, or images.
  private List<String> sources(Instruction instruction) throws BuildRefused {
    return switch (instruction.keyword()) {
      case "FROM" -> List.of(arguments.expand(instruction, From.of(instruction).image()));
      case "COPY" -> copied(instruction);
      case "RUN" -> mounted(instruction);
      default -> List.of();
    };
  }

  private static List<String> copied(Instruction instruction) {
    return instruction.flags().stream()
        .filter(flag -> flag.startsWith("--from="))
        .map(flag -> flag.substring("--from=".length()))
        .toList();
  }

  private static List<String> mounted(Instruction instruction) throws BuildRefused {
    var found = new ArrayList<String>();
    for (var flag : instruction.flags()) {
      if (flag.startsWith(Mount.FLAG)) {
        Mount.parse(instruction, flag).from().ifPresent(found::add);
      }
    }
    return found;
  }

  /// Empty where no stage is called so.
  private Optional<Integer> number(String name) {
    var at =
        NUMBER.matcher(name).matches()
            ? Integer.parseInt(name)
            : names.indexOf(name.toLowerCase(Locale.ROOT));
    return Optional.of(at).filter(is -> !name.isEmpty() && is >= 0 && is < stages.size());
  }

  private String named() {
    var more = stages.size() - MOST_NAMED;
    return IntStream.range(0, Math.min(stages.size(), MOST_NAMED))
            .mapToObj(this::shown)
            .collect(Collectors.joining(", "))
        + (more > 0 ? " and %d more".formatted(more) : "");
  }

  private String shown(int number) {
    var name = names.get(number);
    return name.isEmpty() || name.length() > LONGEST_NAMED ? String.valueOf(number) : name;
  }
}
