package dev.widemesh.allinone;

import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/// The program behind `./widemesh`. What the supervisor starts is a [PartProcess].
@Command(
    name = "widemesh",
    description = "A platform of your own: git push widemesh main.",
    subcommands = {
      Up.class,
      Down.class,
      Status.class,
      Restart.class,
      Purge.class,
      Backup.class,
      Restore.class,
      Train.class
    })
public final class Widemesh {
  private static final int REFUSED = 1;

  private Widemesh() {}

  public static void main(String[] args) {
    var commands = new CommandLine(new Widemesh());
    commands.setExecutionExceptionHandler(
        (failure, command, _) -> {
          if (failure instanceof Refused refused) {
            refused.explain(command.getErr());
            return REFUSED;
          }
          throw failure; // ours: with its stack trace
        });
    commands.setParameterExceptionHandler(Widemesh::misunderstood);
    System.exit(commands.execute(args));
  }

  private static int misunderstood(ParameterException wrong, String[] args) {
    var command = wrong.getCommandLine();
    var words = String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong usage");
    new Refused(
            words.substring(0, 1).toLowerCase(Locale.ROOT) + words.substring(1),
            "./%s --help".formatted(command.getCommandSpec().qualifiedName()))
        .explain(command.getErr());
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }
}
