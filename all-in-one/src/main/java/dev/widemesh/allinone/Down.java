package dev.widemesh.allinone;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "down",
    description = "Stop the platform. The apps' containers go on running unless --apps is given.")
final class Down implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @Mixin private DataOption dataOption = new DataOption();

  @Option(names = "--apps", description = "Stop and remove the apps' containers as well.")
  private boolean apps;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var data = dataOption.folder();
    if (!data.exists()) {
      throw new Refused(
          "there is no platform in " + data.root(), "name its folder with --data DIR");
    }
    Preflight.root("down");
    var wasUp = stop(data);
    if (apps) {
      RackProcess.removeContainers(data);
    }
    System.out.println(
        (wasUp ? "Widemesh is down." : "Widemesh was not up.")
            + (apps ? "" : " Apps' containers go on, and answer again after: ./widemesh up"));
    return 0;
  }

  /// Whether there was anything to stop.
  static boolean stop(DataFolder data) throws IOException, InterruptedException {
    var supervisor = Supervisor.pidFile(data).process();
    if (supervisor.isPresent()) {
      end(supervisor.get());
    }
    // What a killed supervisor left behind, last started first.
    var left = Up.leftRunning(data).reversed();
    for (var process : left) {
      end(process);
    }
    return supervisor.isPresent() || !left.isEmpty();
  }

  private static void end(ProcessHandle process) throws InterruptedException {
    process.destroy();
    try {
      process.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException _) {
      process.destroyForcibly();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
