package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.image.Architecture;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Writes the Dockerfile that the engine gets: base images are pinned, containers and images marked
/// as ours, and nothing is left in it that would run outside of the limits.
final class Preparation {
  private static final Pattern STAGE = Pattern.compile("(\\S+)(?:\\s+(?i:AS)\\s+(\\S+))?");
  private static final Pattern REFERENCE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:@-]*");
  private static final Pattern ARGUMENT =
      Pattern.compile("([A-Za-z_]\\w*)(?:=(\"[^\"]*\"|'[^']*'|\\S*))?");
  private static final Pattern PLAIN_SOURCES = Pattern.compile("[^$\"'\\\\]*");

  /// `steps` are the instructions behind the engine's steps, empty for those that we added.
  record Prepared(String text, Map<String, String> arguments, List<Optional<Instruction>> steps) {
    Prepared {
      arguments = Map.copyOf(arguments);
      steps = List.copyOf(steps);
    }
  }

  private final Map<String, String> offered;
  private final BaseImages images;
  private final String mark;
  private final List<String> lines = new ArrayList<>();
  private final List<Optional<Instruction>> steps = new ArrayList<>();
  private final Set<String> declared = new TreeSet<>();
  private final Map<String, String> global = new HashMap<>();
  private final Set<String> stages = new HashSet<>();
  private int stageCount;

  private Preparation(Map<String, String> offered, BaseImages images, String mark) {
    this.offered = offered;
    this.images = images;
    this.mark = mark;
  }

  /// `offered` are the values for those arguments that the Dockerfile declares; `mark` are labels
  /// that no instruction may undo.
  static Prepared of(
      Dockerfile dockerfile, Map<String, String> offered, BaseImages images, String mark)
      throws IOException, InterruptedException, BuildRefused {
    var all = new TreeMap<>(offered);
    all.putAll(target());
    var preparation = new Preparation(all, images, mark);
    if (dockerfile.escape() == '`') {
      preparation.lines.add("# escape=`");
    }
    for (var instruction : dockerfile.instructions()) {
      preparation.add(instruction);
    }
    all.keySet().retainAll(preparation.declared);
    return new Prepared(String.join("\n", preparation.lines) + "\n", all, preparation.steps);
  }

  /// What BuildKit defines by itself.
  private static Map<String, String> target() {
    var all = new TreeMap<String, String>();
    for (var side : List.of("TARGET", "BUILD")) {
      all.put(side + "OS", "linux");
      all.put(side + "ARCH", Architecture.ofHost());
      all.put(side + "PLATFORM", "linux/" + Architecture.ofHost());
    }
    return all;
  }

  private void add(Instruction instruction) throws IOException, InterruptedException, BuildRefused {
    refuseForBuildKit(instruction);
    switch (instruction.keyword()) {
      case "FROM" -> from(instruction);
      case "ARG" -> argument(instruction);
      case "COPY" -> copy(instruction);
      case "ADD" -> emit(instruction, checkedAdd(instruction));
      case "LABEL" -> {
        // In the same step too: no image in between may lack the mark.
        var pairs = instruction.rest().matches("\\S+=.*");
        emit(instruction, instruction.text() + (pairs ? " " + mark : ""));
        mark();
      }
      // The platform asks instances itself, by their port or health path.
      case "HEALTHCHECK" -> {}
      case "ONBUILD" ->
          throw instruction.refused("ONBUILD has no effect in an app", "remove the instruction");
      default -> emit(instruction, instruction.text());
    }
  }

  private static void refuseForBuildKit(Instruction instruction) throws BuildRefused {
    var known =
        switch (instruction.keyword()) {
          case "COPY" -> Set.of("--from", "--chown");
          case "ADD" -> Set.of("--chown");
          case "FROM" -> Set.of("--platform");
          default -> Set.<String>of();
        };
    for (var flag : instruction.flags()) {
      var name = flag.replaceFirst("=.*", "");
      if (!known.contains(name) && !instruction.keyword().equals("HEALTHCHECK")) {
        throw instruction.needsBuildKit(name);
      }
    }
  }

  private void emit(Instruction instruction, String text) {
    lines.add(text);
    steps.add(Optional.of(instruction));
  }

  private void mark() {
    lines.add("LABEL " + mark);
    steps.add(Optional.empty());
  }

  private void from(Instruction instruction)
      throws IOException, InterruptedException, BuildRefused {
    var stage = STAGE.matcher(instruction.rest().strip());
    if (!stage.matches()) {
      throw instruction.refused(
          "FROM takes one image", "write FROM <image> or FROM <image> AS name");
    }
    for (var flag : instruction.flags()) {
      requireOurs(instruction, flag);
    }
    var named = Optional.ofNullable(stage.group(2)).map(name -> name.toLowerCase(Locale.ROOT));
    var image = image(instruction, Variables.expand(stage.group(1), global));
    emit(instruction, "FROM " + image + named.map(name -> " AS " + name).orElse(""));
    mark();
    named.ifPresent(stages::add);
    stageCount++;
  }

  private void requireOurs(Instruction instruction, String flag) throws BuildRefused {
    var values = new HashMap<>(global);
    values.putAll(target());
    var platform = Variables.expand(flag.replaceFirst("--platform=", ""), values);
    if (!flag.startsWith("--platform=") || !platform.equals("linux/" + Architecture.ofHost())) {
      throw instruction.refused(
          "%s is not what this server runs".formatted(flag),
          "remove it: images are built for linux/" + Architecture.ofHost());
    }
  }

  /// A stage from before, `scratch`, or an image that is pinned.
  private String image(Instruction instruction, String name)
      throws IOException, InterruptedException, BuildRefused {
    if (name.equals("scratch") || stages.contains(name.toLowerCase(Locale.ROOT))) {
      return name;
    }
    if (!REFERENCE.matcher(name).matches()) {
      throw instruction.refused("'%s' is no image".formatted(name), "name a base image");
    }
    return images.find(instruction, name);
  }

  private void argument(Instruction instruction) {
    var found = ARGUMENT.matcher(instruction.rest());
    while (found.find()) {
      var name = found.group(1);
      declared.add(name);
      if (stageCount == 0) {
        var text = found.group(2) == null ? "" : found.group(2).replaceAll("^[\"']|[\"']$", "");
        global.put(name, offered.getOrDefault(name, Variables.expand(text, global)));
      }
    }
    emit(instruction, instruction.text());
  }

  private void copy(Instruction instruction)
      throws IOException, InterruptedException, BuildRefused {
    var flags = new ArrayList<String>();
    for (var flag : instruction.flags()) {
      flags.add(
          flag.startsWith("--from=") ? "--from=" + source(instruction, flag.substring(7)) : flag);
    }
    var flagged = new Instruction(instruction.line(), "COPY", flags, instruction.rest());
    emit(instruction, flagged.text());
  }

  private String source(Instruction instruction, String name)
      throws IOException, InterruptedException, BuildRefused {
    var isNumber = name.matches("\\d{1,3}") && Integer.parseInt(name) < stageCount;
    return isNumber ? name : image(instruction, name);
  }

  /// The engine itself would fetch what ADD names by a URL, from where it may reach anything.
  private static String checkedAdd(Instruction instruction) throws BuildRefused {
    var rest = instruction.rest();
    var words = rest.startsWith("[") ? rest.replaceAll("[\\[\\]\",]", " ") : rest;
    if (words.contains("://") || !PLAIN_SOURCES.matcher(words).matches()) {
      throw instruction.refused(
          "ADD takes files of the app only, named plainly", "fetch it with RUN curl instead");
    }
    return instruction.text();
  }
}
