package dev.widemesh.allinone;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "status", description = "Which processes run, and whether they see each other.")
final class Status implements Callable<Integer> {
  @Mixin private DataOption dataOption = new DataOption();

  @Override
  public Integer call() throws IOException {
    Preflight.root("status");
    var data = dataOption.folder();
    if (!data.exists()) {
      throw new Refused(
          "there is no platform in " + data.root(),
          "start one: ./widemesh up, or name its folder with --data DIR");
    }
    var all = true;
    for (var part : List.of("supervisor", "postgres", "control", "rack-runner", "router")) {
      all &= show(part, data) || (part.equals("postgres") && !Supervisor.ownDatabase());
    }
    System.out.println("apps         " + Platform.read(data).apps());
    return all && showController(data) ? 0 : 1;
  }

  private static boolean show(String part, DataFolder data) throws IOException {
    var process = PidFile.of(part, data).process();
    System.out.println(
        process
            .map(p -> "%-12s up    pid %-8d %4d MB".formatted(part, p.pid(), megabytes(p.pid())))
            .orElse("%-12s down".formatted(part)));
    return process.isPresent();
  }

  /// Its proportional share of memory (PSS); PostgreSQL's children are counted by themselves.
  private static long megabytes(long pid) {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
      return lines
          .filter(line -> line.startsWith("Pss:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1000)
          .findFirst()
          .orElse(0);
    } catch (IOException _) {
      return 0;
    }
  }

  private static boolean showController(DataFolder data) throws IOException {
    var platform = Platform.read(data);
    try {
      var client = new ApiClient(platform.controller(), new Secrets(data.secrets()).admin());
      var status = client.get(Route.STATUS.path(), Views.Status.class);
      for (var rack : status.racks()) {
        System.out.println(
            "rack %-7s %s, routers %d"
                .formatted(
                    rack.name(),
                    rack.connected() ? (rack.behind() ? "behind" : "connected") : "not connected",
                    rack.routers().size()));
      }
      System.out.println(
          "builder      " + (status.builder() == null ? "silent" : status.builder()));
      System.out.println("API          " + platform.controller());
      return true;
    } catch (ApiException e) {
      System.out.println("API          " + e.getMessage());
      return false;
    }
  }
}
