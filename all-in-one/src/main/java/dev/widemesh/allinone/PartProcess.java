package dev.widemesh.allinone;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

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
    } catch (Throwable failure) {
      // Errors, too: threads that the parts have started would keep the process from ending, and
      // one that has not ended is not started again.
      failure.printStackTrace(System.err);
      // The output is that of the last start; the log keeps it.
      LoggerFactory.getLogger(PartProcess.class).error("cannot go on", failure);
    } finally {
      System.exit(1);
    }
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
