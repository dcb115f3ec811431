package dev.widemesh.allinone;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The program behind `./widemesh`: the supervisor, and each of the processes that it starts.
@Command(
    name = "widemesh",
    description = "A platform of your own: git push widemesh main.",
    subcommands = {
      Up.class,
      Down.class,
      Status.class,
      Purge.class,
      ControlProcess.class,
      RackProcess.class,
      RouterProcess.class
    })
public final class Widemesh {
  private static final int REFUSED = 1;

  private Widemesh() {}

  public static void main(String[] args) {
    var commands = new CommandLine(new Widemesh());
    commands.setExecutionExceptionHandler(
        (failure, command, _) -> {
          if (failure instanceof Refused refused) {
            explain(command.getErr(), refused);
            return REFUSED;
          }
          throw failure; // ours: with its stack trace
        });
    System.exit(commands.execute(args));
  }

  private static void explain(PrintWriter err, Refused refused) {
    err.println("widemesh: " + refused.getMessage());
    err.println("  try: " + refused.nextStep());
  }
}
