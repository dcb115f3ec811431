package dev.widemesh.allinone;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The program of every process under the supervisor: nobody but us types its arguments, and a
/// router that was killed is needed again at once. So nothing is loaded to parse them.
public final class PartProcess {
  private PartProcess() {}

  /// The part's name and its data folder. Ends when it is asked to.
  public static void main(String[] args) {
    try {
      run(args[0], new DataFolder(Path.of(args[1])));
    } catch (Refused refused) {
      refused.explain(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    } catch (Exception e) {
      e.printStackTrace(System.err);
    }
    System.exit(1);
  }

  private static void run(String part, DataFolder data) throws Exception {
    switch (part) {
      case "control" -> ControlProcess.run(data);
      case "rack-runner" -> RackProcess.run(data);
      case "router" -> RouterProcess.run(data);
      default -> throw new Refused("there is no part '" + part + "'", "./widemesh --help");
    }
  }
}
