package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.image.Architecture;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Writes the Dockerfile that a builder gets: base images are pinned, and nothing is left in it
/// that would run outside of the limits. In what the engine gets, containers and images are marked
/// as ours besides; in what BuildKit gets, each instruction stands on the line that it stood on.
final class Preparation {
  private static final Pattern REFERENCE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:@-]*");
  private static final Pattern PLAIN_SOURCES = Pattern.compile("[^$\"'\\\\]*");
  private static final Pattern ARCHIVE =
      Pattern.compile("(?i)\\S\\.(tar|tar\\.[a-z0-9]+|tgz|tbz2?|txz|tlz)\\s+\\S");

  private static final int MOST_IMAGES = 20;

  /// `steps` are the instructions behind the engine's steps, empty for those that we added;
  /// `secrets` the names of those that steps mount.
  record Prepared(
      String text,
      Map<String, String> arguments,
      List<Optional<Instruction>> steps,
      Set<String> secrets) {
    Prepared {
      arguments = Map.copyOf(arguments);
      secrets = Set.copyOf(secrets);
      steps = List.copyOf(steps);
    }

    /// With the proxies, which builders know as arguments that need no ARG and leave no trace.
    Map<String, String> arguments(Map<String, String> proxies) {
      var all = new TreeMap<String, String>();
      proxies.forEach(
          (name, value) -> {
            all.put(name.toUpperCase(Locale.ROOT), value);
            all.put(name.toLowerCase(Locale.ROOT), value);
          });
      all.putAll(arguments);
      return all;
    }
  }

  private final BaseImages images;
  private final Optional<String> mark;
  private final List<String> lines = new ArrayList<>();
  private final List<Optional<Instruction>> steps = new ArrayList<>();
  private final Set<String> declared = new TreeSet<>();
  private final GlobalArguments global;
  private final Map<String, String> pinned = new HashMap<>();
  private final Set<String> secrets = new TreeSet<>();
  private final Stages stages;
  private int height;

  private Preparation(
      List<Integer> stages, Map<String, String> offered, BaseImages images, Optional<String> mark) {
    this.stages = new Stages(stages);
    this.global = new GlobalArguments(offered);
    this.images = images;
    this.mark = mark;
  }

  /// For the engine. `offered` are the values for those arguments that the Dockerfile declares;
  /// `mark` are labels that no instruction may undo.
  static Prepared of(
      Dockerfile dockerfile, Map<String, String> offered, BaseImages images, String mark)
      throws IOException, InterruptedException, BuildRefused {
    return of(dockerfile, offered, images, Optional.of(mark));
  }

  /// For BuildKit, which marks nothing.
  static Prepared forBuildKit(Dockerfile dockerfile, Map<String, String> offered, BaseImages images)
      throws IOException, InterruptedException, BuildRefused {
    return of(dockerfile, offered, images, Optional.empty());
  }

  private static Prepared of(
      Dockerfile dockerfile, Map<String, String> offered, BaseImages images, Optional<String> mark)
      throws IOException, InterruptedException, BuildRefused {
    var preparation = new Preparation(dockerfile.stages(), offered, images, mark);
    if (dockerfile.escape() == '`') {
      preparation.write("# escape=`");
    }
    for (var instruction : dockerfile.instructions()) {
      preparation.add(instruction);
    }
    return new Prepared(
        String.join("\n", preparation.lines) + "\n",
        preparation.global.offered(preparation.declared),
        preparation.steps,
        preparation.secrets);
  }

  private void add(Instruction instruction) throws IOException, InterruptedException, BuildRefused {
    switch (instruction.keyword()) {
      case "FROM" -> from(instruction);
      case "ARG" -> argument(instruction);
      case "COPY" -> copy(instruction);
      case "ADD" -> emit(instruction, added(instruction));
      case "RUN" -> run(instruction);
      case "LABEL" -> {
        // In the same step too: no image in between may lack the mark.
        var pairs = instruction.rest().matches("\\S+=.*");
        emit(instruction, instruction.text() + mark.filter(_ -> pairs).map(" "::concat).orElse(""));
        mark();
      }
      // The platform asks instances itself, and what steps write to a volume is not measured.
      case "HEALTHCHECK", "VOLUME" -> {}
      case "ONBUILD" ->
          throw instruction.refused("ONBUILD has no effect in an app", "remove the instruction");
      default -> emit(instruction, instruction.text());
    }
  }

  /// With other flags. Whoever builds it must find the documents in it that we found.
  private void emit(Instruction instruction, List<String> flags) throws BuildRefused {
    var written = instruction.flagged(flags);
    var documents = HereDocument.in(instruction);
    if (!HereDocument.in(written).equals(documents)) {
      throw instruction.refused(
          "its flags change what << announces", "write the flags without quotes and braces");
    }
    var shifts = instruction.documents().isEmpty() && !documents.isEmpty();
    emit(instruction, written.text() + (shifts ? HereDocument.NONE : ""));
  }

  private void emit(Instruction instruction, String text) {
    while (mark.isEmpty() && height < instruction.line() - 1) {
      write("");
    }
    write(text);
    steps.add(Optional.of(instruction));
  }

  private void write(String text) {
    lines.add(text);
    height += 1 + (int) text.chars().filter(c -> c == '\n').count();
  }

  private void mark() {
    if (mark.isPresent()) {
      write("LABEL " + mark.get());
      steps.add(Optional.empty());
    }
  }

  private void run(Instruction instruction) throws IOException, InterruptedException, BuildRefused {
    var flags = new ArrayList<String>();
    for (var flag : instruction.flags()) {
      flags.add(
          flag.startsWith(Mount.FLAG) ? mount(instruction, flag) : permitted(instruction, flag));
    }
    emit(instruction, flags);
  }

  private static String permitted(Instruction instruction, String flag) throws BuildRefused {
    if (!flag.matches("--network=(default|none)")) {
      throw instruction.refused(
          "RUN %s is not allowed here".formatted(flag),
          "remove it: steps have a network of their own, and no rights besides Docker's usual ones");
    }
    return flag;
  }

  private String mount(Instruction instruction, String flag)
      throws IOException, InterruptedException, BuildRefused {
    var mount = Mount.parse(instruction, flag);
    var from = mount.from();
    var sourced = from.isPresent() ? mount.withFrom(mounted(instruction, from.get())) : mount;
    var secret = mount.secret(instruction);
    secret.ifPresent(secrets::add);
    return secret.map(sourced::of).orElse(sourced).flag();
  }

  /// By its name: a number is none to a mount.
  private String mounted(Instruction instruction, String name)
      throws IOException, InterruptedException, BuildRefused {
    var stage = stages.mounted(instruction, name);
    return stage.isPresent() ? stage.get() : image(instruction, name);
  }

  private void from(Instruction instruction)
      throws IOException, InterruptedException, BuildRefused {
    var from = From.of(instruction);
    for (var flag : instruction.flags()) {
      requireOurs(instruction, flag);
    }
    stages.begin(instruction, from.name());
    var name = global.expand(instruction, from.image());
    var ended = stages.ended(name);
    var image =
        ended.isPresent() || name.equals("scratch") ? ended.orElse(name) : image(instruction, name);
    emit(instruction, "FROM " + image + (from.name().isEmpty() ? "" : " AS " + from.name()));
    mark();
  }

  private void requireOurs(Instruction instruction, String flag) throws BuildRefused {
    var platform = global.expand(instruction, flag.replaceFirst("--platform=", ""));
    if (!flag.startsWith("--platform=") || !platform.equals("linux/" + Architecture.ofHost())) {
      throw instruction.refused(
          "%s is not what this server runs".formatted(flag),
          "remove it: images are built for linux/" + Architecture.ofHost());
    }
  }

  private String image(Instruction instruction, String name)
      throws IOException, InterruptedException, BuildRefused {
    if (name.equals("scratch") || !REFERENCE.matcher(name).matches()) {
      throw instruction.refused("'%s' is no image".formatted(name), "name a base image");
    }
    var known = pinned.get(name);
    if (known == null && pinned.size() == MOST_IMAGES) {
      throw instruction.refused(
          "more than %d different images".formatted(MOST_IMAGES), "use fewer of them");
    }
    var found = known == null ? images.find(instruction, name) : known;
    pinned.put(name, found);
    return found;
  }

  private void argument(Instruction instruction) throws BuildRefused {
    declared.addAll(GlobalArguments.names(instruction));
    if (stages.isNone()) {
      global.declare(instruction);
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
    emit(instruction, flags);
  }

  private String source(Instruction instruction, String name)
      throws IOException, InterruptedException, BuildRefused {
    var stage = stages.source(instruction, name);
    return stage.isPresent() ? String.valueOf(stage.get()) : image(instruction, name);
  }

  /// The engine itself would fetch what ADD names by a URL, from where it may reach anything. It
  /// refuses that for COPY, however it is written; what is refused here is told better.
  private String added(Instruction instruction) throws BuildRefused {
    var rest = instruction.rest();
    var words = rest.startsWith("[") ? rest.replaceAll("[\\[\\]\",]", " ") : rest;
    if (words.contains("://") || !PLAIN_SOURCES.matcher(words).matches()) {
      throw instruction.refused(
          "ADD takes files of the app only, named plainly", "fetch it with RUN curl instead");
    }
    if (mark.isEmpty()) {
      return instruction.text();
    }
    if (ARCHIVE.matcher(words).find()) {
      throw instruction.refused(
          "ADD does not unpack archives here", "COPY it and unpack it in a RUN step (tar -xf)");
    }
    return new Instruction(instruction.line(), "COPY", instruction.flags(), instruction.rest())
        .text();
  }
}
