package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The stages of a Dockerfile so far, each with its number in it. Those that are left out are never
/// begun; for whoever builds, the others are numbered without them.
///
/// A stage's name counts only when the next one begins: till then the engine takes it for an image,
/// and finds those of everybody, by name or by the beginning of an id.
final class Stages {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_.-]*");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,4}");

  private final List<Integer> lines;
  private final List<Integer> begun = new ArrayList<>();
  private final Map<String, Integer> ended = new HashMap<>();
  private String current = "";

  /// `lines` are those on which all stages of the Dockerfile begin.
  Stages(List<Integer> lines) {
    this.lines = List.copyOf(lines);
  }

  /// `name` is empty where the stage has none.
  void begin(Instruction where, String name) throws BuildRefused {
    if (!current.isEmpty()) {
      ended.put(current, last());
    }
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      throw where.refused(
          "'%s' cannot be the name of a stage".formatted(name),
          "begin it with a letter, followed by letters, digits, _ . or -");
    }
    if (ended.containsKey(name)) {
      throw where.refused("two stages are named " + name, "give one of them another name");
    }
    current = name;
    begun.add(lines.indexOf(where.line()));
  }

  boolean isNone() {
    return begun.isEmpty();
  }

  /// -1 where none has begun.
  private int last() {
    return begun.isEmpty() ? -1 : begun.getLast();
  }

  /// The name as the engine has it, if this is a stage that has ended.
  Optional<String> ended(String name) {
    return Optional.of(name.toLowerCase(Locale.ROOT)).filter(ended::containsKey);
  }

  /// The name of the stage that RUN mounts from, if it is one that has ended.
  Optional<String> mounted(Instruction where, String name) throws BuildRefused {
    if (NUMBER.matcher(name).matches()) {
      throw where.refused(
          "RUN --mount knows no stage by its number", "name the stage (FROM ... AS NAME)");
    }
    if (name.toLowerCase(Locale.ROOT).equals(current)) {
      throw where.refused("a stage cannot mount itself", "name a stage before it, or an image");
    }
    return ended(name);
  }

  /// The number that whoever builds knows of what COPY names, if that is a stage; only those that
  /// have ended can be meant.
  Optional<Integer> source(Instruction where, String name) throws BuildRefused {
    var lower = name.toLowerCase(Locale.ROOT);
    var number =
        NUMBER.matcher(lower).matches()
            ? Optional.of(Integer.valueOf(lower))
            : Optional.ofNullable(ended.get(lower));
    if (lower.equals(current) || number.filter(is -> is == last()).isPresent()) {
      throw where.refused("a stage cannot copy from itself", "name a stage before it, or an image");
    }
    if (number.filter(is -> is > last()).isPresent()) {
      throw where.refused("there is no stage %s before".formatted(name), "correct --from");
    }
    return number.map(begun::indexOf);
  }
}
