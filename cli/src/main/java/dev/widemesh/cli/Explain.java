package dev.widemesh.cli;

import dev.widemesh.model.Nearest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

final class Explain implements Command {
  private static final List<String> TOPICS = List.of("exit-codes", "targets", "variables");

  @Parameters(
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "A command, or a topic: exit-codes, targets, variables.")
  List<String> words = new ArrayList<>();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var terminal = mesh.terminal();
    switch (String.join(" ", words)) {
      case "exit-codes" -> Help.exitCodes(terminal);
      case "targets" -> Help.targets(terminal);
      case "variables" -> Help.variables(terminal);
      default -> command(terminal);
    }
    return ExitCode.OK;
  }

  private void command(Terminal terminal) {
    var line = CommandLineWords.of(words);
    if (!line.rest().isEmpty()) {
      var stranger = line.rest().getFirst();
      var candidates = new ArrayList<>(Words.after(line.words()));
      candidates.addAll(TOPICS);
      throw Refusal.usage(
          "there is no command or topic '%s'".formatted(stranger),
          Nearest.to(stranger, candidates).map(near -> "mesh help " + near).orElse("mesh help"));
    }
    var verb = line.verb();
    if (verb.isPresent()) {
      Invocation.usage(terminal, Invocation.parser(verb.get(), verb.get().make()));
    } else {
      Help.group(terminal, line.words());
    }
  }
}
