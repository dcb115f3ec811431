package dev.widemesh.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.OptionSpec;

/// Runs the one command that was chosen. Picocli learns of no other: that keeps the start quick.
final class Invocation {
  private static final int WIDEST_HELP = 100;

  private Invocation() {}

  static ExitCode run(Session session, Verb verb, List<String> args) throws IOException {
    var command = verb.make();
    var parser = parser(verb, command);
    var dashes = args.indexOf("--");
    var own = dashes < 0 ? args : args.subList(0, dashes);
    parser.parseArgs(own.toArray(String[]::new));
    if (parser.isUsageHelpRequested()) {
      usage(session.terminal(), parser);
      return ExitCode.OK;
    }
    if (dashes >= 0) {
      command.program(List.copyOf(args.subList(dashes + 1, args.size())));
    }
    return command.run(session);
  }

  static CommandLine parser(Verb verb, Command command) {
    var parser = new CommandLine(command);
    // A value may well begin with @.
    parser.setExpandAtFiles(false);
    parser.setCommandName("mesh " + verb.path());
    parser.getCommandSpec().usageMessage().description(verb.summary() + ".");
    parser.getCommandSpec().addOption(help());
    return parser;
  }

  static void usage(Terminal terminal, CommandLine parser) {
    parser.setUsageHelpWidth(Math.clamp(terminal.width(), 60, WIDEST_HELP));
    parser.usage(terminal.out(), terminal.colours() ? Ansi.ON : Ansi.OFF);
  }

  private static OptionSpec help() {
    return OptionSpec.builder("-h", "--help")
        .type(boolean.class)
        .usageHelp(true)
        .description("Show this help.")
        .build();
  }
}
